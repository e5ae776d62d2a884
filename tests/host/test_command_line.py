"""What the command line says: help for every command, and what is wrong with a wrong one.
Usage: test_command_line.py HEADRACE"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HEADRACE = sys.argv.pop(1)
DATA = pathlib.Path(__file__).resolve().parents[1] / "data"

# (arguments, exit code, in standard output, in standard error)
ROWS = [
    ("--version", 0, r"^headrace \d+\.\d+\.\d+", r"^$"),
    ("version", 0, r"^headrace \d+\.\d+\.\d+", r"^$"),
    ("--help", 0, r"exit codes: 0 done, 1 .*, 2 .*, 3 .*, 4 ", r"^$"),
    ("", 2, r"^$", r"usage: headrace COMMAND"),
    ("help serve", 0, r"usage: headrace serve", r"^$"),
    ("help topic read", 0, r"usage: headrace topic read", r"^$"),
    ("topic --help", 0, r"topic list .*\n.*topic read", r"^$"),
    ("help topic", 2, r"^$", r"headrace topic has these commands"),
    ("topic", 2, r"^$", r"headrace topic has these commands"),
    ("topic lst", 2, r"^$", r'no command "topic lst"\nheadrace topic has these commands'),
    ("sevre", 2, r"^$", r'no command "sevre"\n`headrace --help` lists'),
    ("sevre --help", 2, r"^$", r'no command "sevre"'),
    ("serve --confg x", 2, r"^$", r"headrace serve: there is no option --confg\nusage: headrace serve"),
    ("serve --config", 2, r"^$", r"a value is missing after --config"),
    ("serve --data a --data b", 2, r"^$", r"given twice: --data"),
    ("serve x", 2, r"^$", r"one argument too many: x"),
    ("version --killpoints=3", 2, r"^$", r"takes no value: --killpoints=3"),
    ("run s.json", 2, r"^$", r"missing: --input"),
    ("run s.json --input - --effects maybe", 2, r"^$", r"--effects .*live.*mock"),
    ("topic read t --data d --from x", 2, r"^$", r"--from"),
    ("check none.json", 3, r"^$", r"none\.json: the scenario file cannot be read: there is nothing under that name"),
    ("config --check none.yaml", 3, r"^$", r"none\.yaml: cannot be read: there is nothing under that name"),
    ("config --check .", 3, r"^$", r"\.: cannot be read: it is a directory"),
    ("serve --config none.yaml", 3, r"^$", r"none\.yaml: cannot be read"),
    ("topic read t --data none", 3, r"^$", r"^headrace: none holds no topics; name the directory a server was run with\n$"),
    ("topic write a:b --data d", 3, r"^$", r"a:b: a topic name has letters, digits, '\.', '_' and '-' only"),
    ("expr eval --variables none", 3, r"^$", r"expr eval: none: there is nothing under that name"),
    ("serve --data /dev/null/x", 3, r"^$", r"^/dev/null/x: the data directory cannot be made: a part of the path is a file"),
    ("bench retrieve none --items 10", 2, r"^$", r"--items takes 1000 to 10000000"),
    ("bench retrieve none", 3, r"^$", r"none/headrace\.json: no such file"),
    ("model import . d2 --precision half", 2, r"^$", r'--precision: "half" is not float32 or bf16'),
    ("model show none", 3, r"^$", r"none/headrace\.json: no such file; `headrace model` train, import or index makes"),
]


def run(arguments, folder):
    return subprocess.run([HEADRACE, *arguments.split()], capture_output=True, text=True, cwd=folder, stdin=subprocess.DEVNULL)


class CommandLine(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="headrace-test-")
        self.addCleanup(place.cleanup)
        self.folder = place.name

    def test_wrong_usage_is_said_with_what_to_do(self):
        for arguments, code, out, error in ROWS:
            with self.subTest(arguments):
                done = run(arguments, self.folder)
                self.assertRegex(done.stdout, out)
                self.assertRegex(done.stderr, error)
                self.assertEqual(done.returncode, code)
        self.assertEqual([path.name for path in pathlib.Path(self.folder).iterdir()], ["d"], "only `topic write` makes something")

    def test_output_that_cannot_be_written_is_an_error(self):
        data = DATA / "model/serenade"
        clicks = f"--train {data}/train.txt --valid {data}/valid.txt --format sessions --models popular --k 5"
        run(f"model index --data {data}/train.txt --format sessions --output m", self.folder)
        asked = json.dumps({"userId": "u", "items": [], "timestamps": []})
        for arguments, text in [
            ("--help", ""), ("serve --help", ""), ("version", ""), ("model show m", ""), ("model answer m", asked),
            (f"model evaluate {clicks}", ""), (f"model evaluate {clicks} --json", ""),
            ("model evaluate " + clicks.replace("popular", "walk") + " --tune walk.last=1", ""),
            (f"model index --data {data}/train.txt --format sessions --output m2", ""), ("topic write t --data d", '{"value":1}'),
            ("topic list --data d", ""), ("topic read t --data d", ""), ("expr eval", '{"expression":"1"}'),
            (f"check {DATA}/scenario/DetectLargeTransactions.json", ""),
        ]:
            with self.subTest(arguments), open("/dev/full", "w") as full:
                done = subprocess.run([HEADRACE, *arguments.split()], stdout=full, stderr=subprocess.PIPE, input=text, text=True, cwd=self.folder)
                self.assertEqual(done.returncode, 4, done.stderr)
                self.assertRegex(done.stderr.splitlines()[-1], r"^headrace: standard output cannot be written")

    def test_lines_that_cannot_be_taken_are_said_with_their_number(self):
        scenario = ["run", DATA / "scenario/DetectLargeTransactions.json", "--config", DATA / "run/large.yaml", "--input", "-"]
        for line, error in [
            ('{"topic":1,"value":{}}', r'"topic" is no text but 1'),
            ('{"topic":"other","value":{}}', r"other"),
            ('{"timestamp":"x","value":{}}', r'"timestamp" is no whole number of milliseconds'),
            ("[]", r"the line is no JSON object"),
            ('{"topic":', r"the line is no JSON object: "),
        ]:
            with self.subTest(line):
                good = '{"topic":"Transactions","value":{"clientId":"a","amount":1}}\n'
                done = subprocess.run([HEADRACE, *scenario], input=good + line + "\n", capture_output=True, text=True)
                self.assertRegex(done.stderr, r":2: " + ".*" + error)
                self.assertEqual(done.returncode, 3)

    def test_every_command_has_help_that_names_its_options(self):
        overview = run("--help", self.folder).stdout
        commands = re.findall(r"^  ([a-z]+(?: [a-z]+)?)  +\S", overview, re.M)
        self.assertGreater(len(commands), 10)
        for command in commands:
            with self.subTest(command):
                done = run(command + " --help", self.folder)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                usage = done.stdout.splitlines()[0]
                self.assertTrue(usage.startswith(f"usage: headrace {command}"))
                for option in re.findall(r"--[a-z-]+", usage):
                    self.assertRegex(done.stdout, rf"\n  {option}\b.* \S")


if __name__ == "__main__":
    unittest.main(verbosity=2)
