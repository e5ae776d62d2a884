"""SLi-Rec on TensorFlow behind an MLflow pyfunc, as a shop would serve it without us: the yardstick of scoring.

The graph is built from the published layers in TensorFlow's graph mode with the weights of tests/data/model, first held against the
golden logits and answers, then logged as a pyfunc and called through it. A call scores the whole catalogue the way the
original does: for every candidate the visitor's history is encoded again, padded to 50 steps, and rows go through the session
16 at a time. Run by `script/bench original` in a virtual environment with mlflow and tensorflow; prints one JSON object.

    python bench/original_pyfunc.py DATA WORK [--calls N]      DATA: tests/data/model, WORK: a scratch folder
"""
import argparse
import json
import math
import os
import pathlib
import statistics
import sys
import time

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true")

import mlflow  # noqa: E402
import numpy  # noqa: E402
import pandas  # noqa: E402
import tensorflow  # noqa: E402

STEPS, HIDDEN, BATCH, BEST = 50, 40, 16, 16
NORM_EPSILON = 1e-4
MASKED = -(2.0 ** 32)


def read_weights(file):
    """The variables of a safetensors file by name, without the prefix all of them share."""
    raw = file.read_bytes()
    header = int.from_bytes(raw[:8], "little")
    tensors = {}
    for name, entry in json.loads(raw[8:8 + header]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            data = numpy.frombuffer(raw[8 + header + begin:8 + header + end], "<f4").reshape(entry["shape"])
            tensors[name.removeprefix("sequential/")] = data
    return tensors


class Graph:
    """The network at evaluation: placeholders in, logit and its sigmoid out."""

    FEEDS = {"items": ([None], "int32"), "cates": ([None], "int32"), "item_history": ([None, STEPS], "int32"),
             "cate_history": ([None, STEPS], "int32"), "mask": ([None, STEPS], "float32"),
             "from_first": ([None, STEPS], "float32"), "to_now": ([None, STEPS], "float32")}

    def __init__(self, weights):
        self.tf = tensorflow.compat.v1
        graph = tensorflow.Graph()
        with graph.as_default():
            self.variables = {name: self.tf.get_variable(name.replace("/", "."), initializer=data) for name, data in weights.items()}
            self.feeds = {name: self.tf.placeholder(kind, shape, name) for name, (shape, kind) in self.FEEDS.items()}
            self.logit = self.build()
            self.pred = self.tf.sigmoid(self.logit)
            self.session = self.tf.Session(graph=graph)
            self.session.run(self.tf.global_variables_initializer())

    def weight(self, *parts):
        return self.variables["/".join(parts)]

    def network(self, path, x):
        """Dense layers, batch norm by its moving statistics before each relu, one number out."""
        for layer, norm in (("0", "batch_normalization"), ("1", "batch_normalization_1")):
            x = self.tf.tensordot(x, self.weight(path, "w_nn_layer" + layer), 1) + self.weight(path, "b_nn_layer" + layer)
            statistics_of = {part: self.weight(path, norm, part) for part in ("moving_mean", "moving_variance", "beta", "gamma")}
            x = self.tf.nn.relu(self.tf.nn.batch_normalization(
                x, statistics_of["moving_mean"], statistics_of["moving_variance"], statistics_of["beta"], statistics_of["gamma"],
                NORM_EPSILON))
        return self.tf.tensordot(x, self.weight(path, "w_nn_output"), 1) + self.weight(path, "b_nn_output")

    def recurrence(self, x):
        """The time-aware cell over as many steps as the longest history of the batch has; 0 behind a history's end."""
        tf, cell = self.tf, lambda name: self.weight("sli_rec/rnn/time4lstm/time4lstm_cell", name)
        mask = self.feeds["mask"]
        lengths = tf.cast(tf.reduce_sum(mask, 1), tf.int32)
        rows = tf.shape(x)[0]

        def step(t, c, m, outputs):
            now = tf.tanh(self.feeds["to_now"][:, t, None] * cell("_time_input_w1") + cell("_time_input_bias1"))
            last = tf.tanh(self.feeds["from_first"][:, t, None] * cell("_time_input_w2") + cell("_time_input_bias2"))
            now_gate = tf.sigmoid(x[:, t] @ cell("_time_kernel_w1") + now @ cell("_time_kernel_t1") + cell("_time_bias1"))
            last_gate = tf.sigmoid(x[:, t] @ cell("_time_kernel_w2") + last @ cell("_time_kernel_t2") + cell("_time_bias2"))
            i, j, f, o = tf.split(tf.concat([x[:, t], m], 1) @ cell("kernel") + cell("bias"), 4, 1)
            o += now @ cell("_o_kernel_t1") + last @ cell("_o_kernel_t2")
            c_next = tf.sigmoid(f + 1.0) * last_gate * c + tf.sigmoid(i) * now_gate * tf.tanh(j)
            m_next = tf.sigmoid(o) * tf.tanh(c_next)
            real = (t < lengths)[:, None]
            outputs = outputs.write(t, tf.where_v2(real, m_next, tf.zeros_like(m_next)))
            return t + 1, tf.where_v2(real, c_next, c), tf.where_v2(real, m_next, m), outputs

        zero = tf.zeros([rows, HIDDEN])
        outputs = tf.TensorArray(tf.float32, STEPS, element_shape=[None, HIDDEN])
        longest = tf.reduce_max(lengths)
        _, _, _, outputs = tf.while_loop(lambda t, *_: t < longest, step, [tf.constant(0), zero, zero, outputs])
        _, outputs = tf.while_loop(lambda t, _: t < STEPS, lambda t, a: (t + 1, a.write(t, zero)), [longest, outputs])
        return tf.transpose(outputs.stack(), [1, 0, 2])

    def build(self):
        tf, feeds = self.tf, self.feeds
        item_rows, cate_rows = self.weight("embedding", "item_embedding"), self.weight("embedding", "cate_embedding")
        x = tf.nn.embedding_lookup(item_rows, feeds["item_history"])
        history = tf.concat([x, tf.nn.embedding_lookup(cate_rows, feeds["cate_history"])], -1)
        q = tf.concat([tf.nn.embedding_lookup(item_rows, feeds["items"]), tf.nn.embedding_lookup(cate_rows, feeds["cates"])], -1)

        path = "sli_rec/long_term_asvd"
        interest = tf.tensordot(tf.tensordot(history, self.weight(path, "attention_mat"), 1), self.weight(path, "query"), 1)
        long_term = tf.reduce_sum(history * tf.nn.softmax(interest)[:, :, None], 1)

        outputs = self.recurrence(x)
        path = "sli_rec/attention_fcn/attention_fcn"
        projected = tf.tensordot(outputs, self.weight(path, "attention_mat"), 1)
        wide = tf.tile(q[:, None, :], [1, STEPS, 1])
        attention = self.network(path + "/att_fcn/nn_part", tf.concat([projected, wide, projected - wide, projected * wide], -1))[:, :, 0]
        share = tf.nn.softmax(tf.where_v2(feeds["mask"] > 0, attention, tf.fill(tf.shape(attention), MASKED)))
        short_term = tf.reduce_sum(outputs * share[:, :, None], 1)

        alpha = tf.sigmoid(self.network("sli_rec/fcn_alpha/nn_part", tf.concat([q, long_term, short_term, feeds["to_now"][:, -1:]], 1)))
        both = alpha * long_term + (1.0 - alpha) * short_term
        return self.network("logit_fcn/nn_part", tf.concat([both, q], 1))[:, 0]

    def run(self, what, **feeds):
        return self.session.run(what, {self.feeds[name]: value for name, value in feeds.items()})


class Original(mlflow.pyfunc.PythonModel):
    """One request in, the 16 best products out; everything is encoded anew for every candidate."""

    def load_context(self, context):
        def table(name):
            return json.loads(pathlib.Path(context.artifacts[name]).read_text())

        self.graph = Graph(read_weights(pathlib.Path(context.artifacts["weights"])))
        self.item_ids, self.cate_ids, self.category_of = table("items"), table("cates"), table("item_category")
        self.product_of = table("inventory")["handle_to_id_dict"]
        self.clock = time.time

    def encode(self, candidate, category, clicks, times, now):
        def days(seconds):
            return math.log(max(seconds / 86400.0, 0.5))

        ids = [self.item_ids.get(click, 0) for click in clicks]
        cates = [self.cate_ids.get(self.category_of.get(click), 0) for click in clicks]
        from_first = [days(following - times[0]) for following in times[1:] + [now]]
        to_now = [days(now - then) for then in times]
        row = {"items": self.item_ids.get(candidate, 0), "cates": self.cate_ids.get(category, 0)}
        for name, values in (("item_history", ids), ("cate_history", cates), ("from_first", from_first), ("to_now", to_now),
                             ("mask", [1.0] * len(ids))):
            padded = numpy.zeros(STEPS, Graph.FEEDS[name][1])
            kept = values[-STEPS:]
            padded[:len(kept)] = kept
            row[name] = padded
        return row

    def predict(self, context, model_input, params=None):
        answers = []
        for request in model_input.to_dict("records"):
            clicks, times = list(request["items"]), [float(text) for text in request["timestamps"]]
            now = int(self.clock())
            rows = [self.encode(item, category, clicks, times, now) for item, category in self.category_of.items()]
            preds = []
            for start in range(0, len(rows), BATCH):
                batch = rows[start:start + BATCH]
                feeds = {name: numpy.array([row[name] for row in batch]) for name in Graph.FEEDS}
                preds.extend(self.graph.run(self.graph.pred, **feeds))
            order = numpy.argsort(numpy.array(preds))[::-1][:BEST]
            names = list(self.category_of)
            answers.append({"itemIds": [self.product_of.get(names[i], names[i]) for i in order],
                            "preds": [float(preds[i]) for i in order]})
        return answers


def golden_tensors(folder):
    raw = (folder / "inference.bin").read_bytes()
    return {t["name"]: numpy.frombuffer(raw, t["dtype"], math.prod(t["shape"]), t["offset"]).reshape(t["shape"])
            for t in json.loads((folder / "inference.json").read_text())["tensors"]}


def hold_logits(graph, golden):
    """The largest distance to the original's logits; refuses what is beyond its own noise."""
    worst = 0.0
    for case in range(len(golden["logit"])):
        count = golden["logit"].shape[1]
        feeds = {"items": golden["candidate_items"][case], "cates": golden["candidate_cates"][case]}
        for name, source in (("item_history", "item_history"), ("cate_history", "item_cate_history"), ("mask", "mask"),
                             ("from_first", "time_from_first_action"), ("to_now", "time_to_now")):
            feeds[name] = numpy.repeat(golden[source][case][None], count, 0)
        worst = max(worst, float(numpy.abs(graph.run(graph.logit, **feeds) - golden["logit"][case]).max()))
    if not worst <= 2e-4:
        raise SystemExit(f"original_pyfunc: logits are {worst} from the golden ones, more than 2e-4")
    return worst


def hold_answers(loaded, lines):
    """The pyfunc's recorded answers, the clock held as it was."""
    inner = loaded.unwrap_python_model()
    for line in lines:
        inner.clock = lambda: line["now"]
        answer = loaded.predict(pandas.DataFrame([line["request"]]))[0]
        wanted = line["answer"][0]
        if answer["itemIds"] != wanted["itemIds"] or max(abs(a - b) for a, b in zip(answer["preds"], wanted["preds"])) > 1e-4:
            raise SystemExit("original_pyfunc: an answer differs from the recorded one: " + json.dumps(line["request"])[:200])
    inner.clock = time.time
    return len(lines)


def measure(loaded, handles, clicks, calls):
    now = int(time.time())
    request = {"userId": "u", "items": [handles[i * 37 % len(handles)] for i in range(clicks)],
               "timestamps": [str(now - 86400 * (clicks - i)) for i in range(clicks)]}
    table = pandas.DataFrame([request])
    for _ in range(3):
        loaded.predict(table)
    seconds, busy = [], []
    for _ in range(calls):
        begin, cpu = time.perf_counter(), time.process_time()
        loaded.predict(table)
        seconds.append(time.perf_counter() - begin)
        busy.append(time.process_time() - cpu)
    return {"clicks": clicks, "items": len(handles), "median_us": round(statistics.median(seconds) * 1e6, 1),
            "best_us": round(min(seconds) * 1e6, 1), "cpu_us": round(statistics.median(busy) * 1e6, 1)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--calls", type=int, default=30)
    options = parser.parse_args()
    tensorflow.compat.v1.disable_eager_execution()
    artifacts = {"weights": "weights.safetensors", "items": "vocab_items.json", "cates": "vocab_cates.json",
                 "item_category": "vocab_item_category.json", "inventory": "inventory.json"}
    place = options.work / f"original-{os.getpid()}"
    mlflow.set_tracking_uri((options.work.resolve() / "mlruns").as_uri())
    mlflow.pyfunc.save_model(str(place), python_model=Original(), pip_requirements=["mlflow", "tensorflow"],
                             artifacts={name: str(options.data / file) for name, file in artifacts.items()})
    loaded = mlflow.pyfunc.load_model(str(place))
    golden = options.data / "golden"
    worst = hold_logits(loaded.unwrap_python_model().graph, golden_tensors(golden))
    answers = hold_answers(loaded, [json.loads(line) for line in (golden / "pyfunc.jsonl").read_text().splitlines()])
    handles = list(json.loads((options.data / "vocab_item_category.json").read_text()))
    rows = [measure(loaded, handles, clicks, options.calls) for clicks in (5, 50)]
    json.dump({"tensorflow": tensorflow.__version__, "mlflow": mlflow.__version__, "logits_within": worst,
               "answers_equal": answers, "rows": rows}, sys.stdout)


if __name__ == "__main__":
    main()
