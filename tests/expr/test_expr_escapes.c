/* test_expr_escapes.c - known ways out of expression languages and templates, each with its end.
 *
 * What SpEL has been attacked with, what other low-code products have been, and what makes patterns,
 * numbers, texts and lists explode. Each is refused while one writes, fails with a message, or gives a
 * value that is only a value.
 */
#include "test.h"

#include "base/buffer.h"
#include "expr/sample.h"
#include "programs.h"

enum { CALL_BYTES_MAX = 16 << 20, SHOWN_BYTES = 500, BEGINNING_BYTES = 37 };

enum end { REFUSED, FAILS, GIVES };

static const struct {
    enum expr_language language;
    const char *text;
    enum end end;
    const char *says; /* the first problem, the failure or the value, as shortened() has it */
} escapes[] = {
    /* reflection and class loading */
    {EXPR_SPEL, "''.getClass()", REFUSED, "Unknown method 'getClass' in String"},
    {EXPR_SPEL, "''.class", REFUSED, "There is no property 'class' in type: String"},
    {EXPR_SPEL, "''.class.forName('java.lang.Runtime')", REFUSED,
     "There is no property 'class' in type: String"},
    {EXPR_SPEL, "(#str).getClass().getClassLoader()", REFUSED,
     "Unknown method 'getClass' in String"},
    {EXPR_SPEL, "{1,2}.class.classLoader", REFUSED,
     "There is no property 'class' in type: List[Integer]"},
    {EXPR_SPEL, "T(String).getClass().forName('java.lang.Runtime')", REFUSED,
     "Unknown method 'getClass' in String"},
    {EXPR_SPEL, "T(java.lang.String).forName('x')", REFUSED, "Unknown method 'forName' in String"},
    {EXPR_SPEL, "T(java.lang.Class)", REFUSED,
     "class java.lang.Class is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(java.lang.Class).forName('java.lang.Runtime')", REFUSED,
     "class java.lang.Class is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(java.lang.ClassLoader).getSystemClassLoader()", REFUSED,
     "class java.lang.ClassLoader is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(java.lang.reflect.Method)", REFUSED,
     "class java.lang.reflect.Method is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(java.lang.invoke.MethodHandles).lookup()", REFUSED,
     "class java.lang.invoke.MethodHandles is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(java.util.ServiceLoader).load('x')", REFUSED,
     "class java.util.ServiceLoader is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(sun.misc.Unsafe)", REFUSED, "Class sun.misc.Unsafe does not exist"},
    {EXPR_SPEL, "#unk.getClass()", REFUSED, "Method invocation on Unknown is not allowed"},
    {EXPR_SPEL, "#unk.class", REFUSED, "Property access on Unknown is not allowed"},
    {EXPR_SPEL, "#unk?.getClass()", REFUSED, "Method invocation on Unknown is not allowed"},
    {EXPR_SPEL, "#map.class", FAILS,
     "EL1021E: A problem occurred whilst attempting to access the property 'class': 'The getClass "
     "method call on type LinkedHashMap is not allowed'"},
    {EXPR_SPEL, "#map.getClass()", REFUSED, "Unknown method 'getClass' in Map[Unknown,Unknown]"},
    {EXPR_SPEL, "#COLLECTION.getClass()", REFUSED, "Unknown method 'getClass' in collection"},
    {EXPR_SPEL, "#UTIL.class", REFUSED, "There is no property 'class' in type: util"},
    {EXPR_SPEL, "#list.![#this.getClass()]", REFUSED, "Unknown method 'getClass' in Integer"},
    {EXPR_SPEL, "#list.![getClass()]", REFUSED, "Unknown method 'getClass' in Integer"},
    {EXPR_SPEL, "#root.getClass()", REFUSED, "Unresolved reference 'root'"},
    {EXPR_SPEL, "#this.getClass()", REFUSED, "Unresolved reference 'this'"},
    /* processes, files, network, scripts */
    {EXPR_SPEL, "T(java.lang.Runtime)", REFUSED,
     "class java.lang.Runtime is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(Runtime)", REFUSED,
     "class java.lang.Runtime is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(java.lang.Runtime).getRuntime().exec('id')", REFUSED,
     "class java.lang.Runtime is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(java.lang.ProcessBuilder)", REFUSED,
     "class java.lang.ProcessBuilder is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "new java.lang.ProcessBuilder('id').start()", REFUSED,
     "Cannot create instance of unknown class class java.lang.ProcessBuilder"},
    {EXPR_SPEL, "T(java.lang.System).exit(1)", REFUSED,
     "class java.lang.System is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(java.lang.System).getenv('PATH')", REFUSED,
     "class java.lang.System is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(java.lang.System).getProperty('user.home')", REFUSED,
     "class java.lang.System is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(java.lang.Thread).sleep(100000)", REFUSED,
     "class java.lang.Thread is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(java.nio.file.Files).readString('/etc/passwd')", REFUSED,
     "class java.nio.file.Files is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(javax.script.ScriptEngineManager)", REFUSED,
     "class javax.script.ScriptEngineManager is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(javax.naming.InitialContext).doLookup('ldap://127.0.0.1/x')", REFUSED,
     "class javax.naming.InitialContext is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(org.springframework.util.StreamUtils)", REFUSED,
     "class org.springframework.util.StreamUtils is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(scala.sys.process.Process)", REFUSED,
     "class scala.sys.process.Process is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "T(groovy.lang.GroovyShell)", REFUSED,
     "Class groovy.lang.GroovyShell does not exist"},
    {EXPR_SPEL, "new java.io.File('/etc/passwd')", REFUSED,
     "Cannot create instance of unknown class class java.io.File"},
    {EXPR_SPEL, "new java.net.URL('http://127.0.0.1')", REFUSED,
     "Cannot create instance of unknown class class java.net.URL"},
    {EXPR_SPEL, "new java.util.Scanner('x')", REFUSED,
     "Cannot create instance of unknown class class java.util.Scanner"},
    {EXPR_SPEL, "new javax.script.ScriptEngineManager().getEngineByName('js')", REFUSED,
     "Cannot create instance of unknown class class javax.script.ScriptEngineManager"},
    {EXPR_SPEL, "T(java.util.Locale).setDefault(null)", REFUSED,
     "Unknown method 'setDefault' in Locale"},
    {EXPR_SPEL, "T(java.util.TimeZone).getDefault()", REFUSED,
     "class java.util.TimeZone is not allowed to be passed as TypeReference"},
    {EXPR_SPEL, "#str.wait(1000000)", REFUSED, "Unknown method 'wait' in String"},
    {EXPR_SPEL, "#str.getBytes()", REFUSED, "Unknown method 'getBytes' in String"},
    {EXPR_SPEL, "#list.stream()", REFUSED, "Unknown method 'stream' in List[Unknown]"},
    {EXPR_SPEL, "#list.forEach(#int)", REFUSED, "Unknown method 'forEach' in List[Unknown]"},
    /* beans and variables of the host */
    {EXPR_SPEL, "@environment", REFUSED, "Bean reference is not supported"},
    {EXPR_SPEL, "@systemProperties['user.home']", REFUSED, "Bean reference is not supported"},
    {EXPR_SPEL, "&bean", REFUSED, "Bean reference is not supported"},
    {EXPR_SPEL, "#systemProperties", REFUSED, "Unresolved reference 'systemProperties'"},
    {EXPR_SPEL, "#environment", REFUSED, "Unresolved reference 'environment'"},
    {EXPR_SPEL, "#root", REFUSED, "Unresolved reference 'root'"},
    {EXPR_SPEL, "#this", REFUSED, "Unresolved reference 'this'"},
    {EXPR_SPEL, "#meta.properties", REFUSED, "Unresolved reference 'meta'"},
    /* changing what is given */
    {EXPR_SPEL, "#str = 'x'", REFUSED, "Value modifications are not supported"},
    {EXPR_SPEL, "#list[0] = 1", REFUSED, "Value modifications are not supported"},
    {EXPR_SPEL, "#int++", FAILS, "Cannot set variable: int"},
    {EXPR_SPEL, "--#int", FAILS, "Cannot set variable: int"},
    {EXPR_SPEL, "T(java.lang.Integer).MAX_VALUE = 1", REFUSED,
     "Value modifications are not supported"},
    {EXPR_SPEL, "#list.add(1)", REFUSED, "Unknown method 'add' in List[Unknown]"},
    {EXPR_SPEL, "#list.clear()", REFUSED, "Unknown method 'clear' in List[Unknown]"},
    {EXPR_SPEL, "#map.put('a', 2)", REFUSED, "Unknown method 'put' in Map[Unknown,Unknown]"},
    {EXPR_SPEL, "#map.remove('a')", REFUSED, "Unknown method 'remove' in Map[Unknown,Unknown]"},
    {EXPR_SPEL, "#map.entrySet()", REFUSED, "Unknown method 'entrySet' in Map[Unknown,Unknown]"},
    /* prototypes: no object has a hidden part */
    {EXPR_SPEL, "#rec['__proto__']", REFUSED,
     "There is no property '__proto__' in type: Record{a: Integer, b: String}"},
    {EXPR_SPEL, "#rec.constructor", REFUSED,
     "There is no property 'constructor' in type: Record{a: Integer, b: String}"},
    {EXPR_SPEL, "#rec.__proto__.polluted", REFUSED,
     "There is no property '__proto__' in type: Record{a: Integer, b: String}"},
    {EXPR_SPEL, "#str.constructor", REFUSED, "There is no property 'constructor' in type: String"},
    {EXPR_SPEL, "(#str).constructor.constructor('x')", REFUSED,
     "There is no property 'constructor' in type: String"},
    {EXPR_SPEL, "#unk.constructor.constructor('return process')", REFUSED,
     "Property access on Unknown is not allowed"},
    {EXPR_SPEL, "#unk.constructor.constructor('return process')()", REFUSED,
     "EL1041E: After parsing a valid expression, there is still more data in the expression: "
     "'lparen(()'"},
    {EXPR_SPEL, "#unk['constructor']", GIVES, "null"},
    {EXPR_SPEL, "#unk['constructor']['constructor']", FAILS,
     "EL1012E: Cannot index into a null value"},
    {EXPR_SPEL, "#unk['__proto__']", GIVES, "null"},
    {EXPR_SPEL, "#unk.__proto__", REFUSED, "Property access on Unknown is not allowed"},
    {EXPR_SPEL, "#map['constructor']", GIVES, "null"},
    {EXPR_SPEL, "#map.constructor", GIVES, "null"},
    {EXPR_SPEL, "{}.constructor", REFUSED,
     "There is no property 'constructor' in type: List[Unknown]"},
    {EXPR_SPEL, "''['constructor']", REFUSED, "Dynamic property access is not allowed"},
    {EXPR_SPEL, "{__proto__: {admin: true}}.admin", REFUSED,
     "There is no property 'admin' in type: Record{__proto__: Record{admin: Boolean(true)}}"},
    {EXPR_SPEL, "{'__proto__': {admin: true}}['admin']", REFUSED,
     "There is no property 'admin' in type: Record{__proto__: Record{admin: Boolean(true)}}"},
    {EXPR_SPEL, "{'constructor': 1}.constructor", GIVES, "1"},
    {EXPR_SPEL, "#COLLECTION.merge(#map, {'__proto__': {polluted: true}})", GIVES,
     "{a=1, b c=null, __proto__={polluted=true}}"},
    {EXPR_SPEL, "#COLLECTION.merge({a: 1}, {'__proto__': {polluted: true}}).polluted", REFUSED,
     "There is no property 'polluted' in type: Record{__proto__: Record{polluted: Boolean(true)}, "
     "a: Integer(1)}"},
    {EXPR_SPEL, "#CONV.toJson('{\"__proto__\": {\"admin\": true}}')['admin']", GIVES, "null"},
    /* other products' languages */
    {EXPR_SPEL, "this.constructor", REFUSED,
     "Non reference 'this' occurred. Maybe you missed '#' in front of it?"},
    {EXPR_SPEL, "globalThis", REFUSED,
     "Non reference 'globalThis' occurred. Maybe you missed '#' in front of it?"},
    {EXPR_SPEL, "process.env", REFUSED,
     "Non reference 'process' occurred. Maybe you missed '#' in front of it?"},
    {EXPR_SPEL, "require('child_process')", REFUSED,
     "Invalid method reference: require('child_process')."},
    {EXPR_SPEL, "eval('1')", REFUSED, "Invalid method reference: eval('1')."},
    {EXPR_SPEL, "$input.all()", REFUSED,
     "Non reference '$input' occurred. Maybe you missed '#' in front of it?"},
    {EXPR_SPEL, "$env.PATH", REFUSED,
     "Non reference '$env' occurred. Maybe you missed '#' in front of it?"},
    {EXPR_SPEL, "(() => 1)()", REFUSED, "No node"},
    {EXPR_SPEL, "`id`", REFUSED, "Cannot handle (96) '`'"},
    {EXPR_SPEL, "1; 2", REFUSED, "Cannot handle (59) ';'"},
    {EXPR_SPEL, "/* a */ 1", REFUSED,
     "Expression [/* a */ 1] @0: EL1070E: Problem parsing left operand"},
    {EXPR_SPEL, "1 // 2", REFUSED,
     "Expression [1 // 2] @2: EL1042E: Problem parsing right operand"},
    {EXPR_TEMPLATE, "#{T(java.lang.Runtime).getRuntime().exec('id')}", REFUSED,
     "class java.lang.Runtime is not allowed to be passed as TypeReference"},
    {EXPR_TEMPLATE, "#{''.class}", REFUSED, "There is no property 'class' in type: String"},
    {EXPR_TEMPLATE, "${7*7}", GIVES, "${7*7}"},
    {EXPR_TEMPLATE, "{{7*7}}", GIVES, "{{7*7}}"},
    {EXPR_TEMPLATE, "{{constructor.constructor('return process')()}}", GIVES,
     "{{constructor.constructor('return process')()}}"},
    {EXPR_TEMPLATE, "={{ $json.x }}", GIVES, "={{ $json.x }}"},
    {EXPR_TEMPLATE, "<%= 7*7 %>", GIVES, "<%= 7*7 %>"},
    {EXPR_TEMPLATE, "*{T(java.lang.Runtime)}", GIVES, "*{T(java.lang.Runtime)}"},
    {EXPR_TEMPLATE, "__${T(java.lang.Runtime)}__::.x", GIVES, "__${T(java.lang.Runtime)}__::.x"},
    {EXPR_TEMPLATE, "#set($x = 1)", GIVES, "#set($x = 1)"},
    {EXPR_TEMPLATE, "{% import os %}", GIVES, "{% import os %}"},
    {EXPR_TEMPLATE, "a #{#{1}} b", REFUSED,
     "Expression [#{1}] @1: EL1043E: Unexpected token. Expected 'identifier' but was 'lcurly({)'"},
    {EXPR_TEMPLATE, "#{'#{1}'}", GIVES, "#{1}"},
    {EXPR_TEMPLATE, "#{#hole}", REFUSED, "Unresolved reference 'hole'"},
    /* patterns made to explode */
    {EXPR_SPEL, "#str matches '(a+)+$'", FAILS,
     "The pattern takes too many steps on this text; write it without repetitions inside of "
     "repetitions"},
    {EXPR_SPEL, "#str matches '(a|aa)+[bc]'", FAILS,
     "The pattern takes too many steps on this text; write it without repetitions inside of "
     "repetitions"},
    {EXPR_SPEL, "#str matches '(a|a)*b'", GIVES, "false"},
    {EXPR_SPEL, "#str matches '^(([a-z])+.)+[A-Z]([a-z])+$'", FAILS,
     "The pattern takes too many steps on this text; write it without repetitions inside of "
     "repetitions"},
    {EXPR_SPEL, "#str matches '(.*a){20}b'", GIVES, "false"},
    {EXPR_SPEL, "#str.replaceAll('(a*)*b', 'x')", GIVES, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"},
    {EXPR_SPEL, "#str.split('(a|aa)+$')", FAILS,
     "The pattern takes too many steps on this text; write it without repetitions inside of "
     "repetitions"},
    {EXPR_SPEL, "#str.replaceAll('(x+x+)+y', '')", GIVES, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"},
    {EXPR_SPEL, "#UTIL.split(#str, '(a|aa)+$')", FAILS,
     "The pattern takes too many steps on this text; write it without repetitions inside of "
     "repetitions"},
    {EXPR_SPEL, "#str matches '((((((((((a{1,100}){1,100}){1,100}){1,100}){1,100}))))))'", FAILS,
     "EL1018E: Pattern is not valid '((((((((((a{1,100}){1,100}){1,100}){1,100}){1,100}))))))'"},
    {EXPR_SPEL, "#str matches '(?R)'", FAILS,
     "The pattern uses what Java's patterns do not have: (?R)"},
    {EXPR_SPEL, "#str matches '(?C1)a'", FAILS,
     "The pattern uses what Java's patterns do not have: (?C1)a"},
    {EXPR_SPEL, "#str matches '(?{1})a'", FAILS, "EL1018E: Pattern is not valid '(?{1})a'"},
    {EXPR_SPEL, "#str.replaceAll('a', '$9')", FAILS, "No group 9"},
    /* huge numbers */
    {EXPR_SPEL, "#dec ^ 1000000000", FAILS,
     "The result is beyond a limit of numbers: at most 19000 digits, at most 1000000 places before "
     "or behind the point"},
    {EXPR_SPEL, "2 ^ 2000000000", GIVES, "9223372036854775807"},
    {EXPR_SPEL, "2.0 ^ 2000000000", GIVES, "Infinity"},
    {EXPR_SPEL, "'1e999999999'.toBigDecimal() + 1", FAILS,
     "The number 1e999999999 is beyond a limit: at most 19000 digits, at most 1000000 places "
     "before "
     "or behind the point"},
    {EXPR_SPEL, "'1e-999999999'.toBigDecimal() * '1e-999999999'.toBigDecimal()", FAILS,
     "The number 1e-999999999 is beyond a limit: at most 19000 digits, at most 1000000 places "
     "before "
     "or behind the point"},
    {EXPR_SPEL, "'1e2000000000'.toBigDecimal().toBigInteger()", FAILS,
     "The number 1e2000000000 is beyond a limit: at most 19000 digits, at most 1000000 places "
     "before "
     "or behind the point"},
    {EXPR_SPEL, "'1e2000000000'.toBigDecimal().toPlainString()", FAILS,
     "The number 1e2000000000 is beyond a limit: at most 19000 digits, at most 1000000 places "
     "before "
     "or behind the point"},
    {EXPR_SPEL, "'1e99999999999'.toBigDecimal()", FAILS,
     "Cannot cast or convert value: 1e99999999999 to: 'BigDecimal'"},
    {EXPR_SPEL, "#dec.pow(999999999)", FAILS,
     "The result is beyond a limit of numbers: at most 19000 digits, at most 1000000 places before "
     "or behind the point"},
    {EXPR_SPEL, "T(java.math.BigInteger).valueOf(2L).pow(2000000000)", FAILS,
     "The result is beyond a limit of numbers: at most 19000 digits, at most 1000000 places before "
     "or behind the point"},
    {EXPR_SPEL, "#NUMERIC.pow(10, 400)", GIVES, "Infinity"},
    {EXPR_SPEL, "'1e2000000'.canBeBigDecimal", FAILS,
     "The number 1e2000000 is beyond a limit: at most 19000 digits, at most 1000000 places before "
     "or behind the point"},
    {EXPR_SPEL, "'1e2000000'.toBigDecimalOrNull", FAILS,
     "The number 1e2000000 is beyond a limit: at most 19000 digits, at most 1000000 places before "
     "or behind the point"},
    {EXPR_SPEL, "'1e25000'.toBigDecimal", FAILS,
     "The number 1e25000 is beyond a limit: at most 19000 digits, at most 1000000 places before or "
     "behind the point"},
    {EXPR_SPEL, "#CONV.toJson('1e99999999999')", FAILS,
     "The number 1e99999999999 is beyond a limit: at most 19000 digits, at most 1000000 places "
     "before or behind the point"},
    {EXPR_SPEL, "#CONV.toJson('{\"a\":[1e2000000]}')['a'][0]", FAILS,
     "The number 1e2000000 is beyond a limit: at most 19000 digits, at most 1000000 places before "
     "or behind the point"},
    {EXPR_SPEL, "#CONV.toJson('{\"a\":-1e-2000000}')['a']", FAILS,
     "The number -1e-2000000 is beyond a limit: at most 19000 digits, at most 1000000 places "
     "before or behind the point"},
    /* what once overflowed or reckoned with a null pointer; the sanitizers look on */
    {EXPR_SPEL, "T(java.lang.Byte).MAX_VALUE.compareTo(#long)", FAILS,
     "EL1001E: Type conversion problem, cannot convert from java.lang.Long to java.lang.Byte"},
    {EXPR_SPEL, "#date.minusDays(#long)", FAILS, "long overflow"},
    {EXPR_SPEL,
     "T(java.time.LocalDateTime).ofEpochSecond(#long, 0, T(java.time.ZoneOffset).UTC).toString",
     FAILS,
     "Invalid value for EpochDay (valid values -365243219162 - 365241780471): -106751991167301"},
    {EXPR_SPEL, "''.to('LocalDate')", FAILS, "Cannot cast or convert value:  to: 'LocalDate'"},
    {EXPR_SPEL, "''.to('Double')", FAILS, "Cannot cast or convert value:  to: 'Double'"},
    {EXPR_SPEL, "{:}.toString", GIVES, "{}"},
    /* huge texts and lists */
    {EXPR_SPEL, "#str * 1000000", REFUSED,
     "Operator '*' used with mismatch types: String and Integer(1000000)"},
    {EXPR_SPEL, "'x'.repeat(2000000000)", REFUSED, "Unknown method 'repeat' in String"},
    {EXPR_SPEL, "T(String).format('%2000000000s', 'x')", FAILS,
     "The directive %2000000000s is beyond a limit: a width of at most 1000, a precision of at "
     "most 100"},
    {EXPR_SPEL, "T(String).format('a %1$-2000d b', 1)", FAILS,
     "The directive %1$-2000d is beyond a limit: a width of at most 1000, a precision of at most "
     "100"},
    {EXPR_SPEL, "T(String).format('%.2000000000f', 1.0)", FAILS,
     "The directive %.2000000000f is beyond a limit: a width of at most 1000, a precision of at "
     "most 100"},
    {EXPR_SPEL,
     "#str.replaceAll('a', #str).replaceAll('a', #str).replaceAll('a', #str).replaceAll('a', #str)",
     FAILS,
     "The expression takes too many steps, the limit is 1000000; walk shorter lists, or raise "
     "engine.fuel"},
    {EXPR_SPEL, "#str.replaceAll('a', #str).replaceAll('a', #str).replaceAll('a', #str).split('a')",
     FAILS,
     "The expression takes too many steps, the limit is 1000000; walk shorter lists, or raise "
     "engine.fuel"},
    {EXPR_SPEL, "#many.![#many.![#many.![#many.![1]]]]", FAILS,
     "The expression takes too many steps, the limit is 1000000; walk shorter lists, or raise "
     "engine.fuel"},
    {EXPR_SPEL, "#many.![#many.![#many.![#many]]]", GIVES,
     "[[[[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 ... 9795280 bytes"},
    {EXPR_SPEL,
     "#many.![#str.replaceAll('a', #str).replaceAll('a', #str)].![#this + #this + #this]", FAILS,
     "The expression takes too many steps, the limit is 1000000; walk shorter lists, or raise "
     "engine.fuel"},
    {EXPR_SPEL,
     "#COLLECTION.join(#many.![#many.![#str]], #str.replaceAll('a', #str).replaceAll('a', #str))",
     GIVES, "[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!, a ... 1375175 bytes"},
    {EXPR_SPEL,
     "#COLLECTION.product(#many.![{a: #this}], #COLLECTION.product(#many.![{b: #this}], "
     "#COLLECTION.product(#many.![{c: #this}], #many.![{d: #this}])))",
     FAILS,
     "The expression needs too much memory, the limit is 4194304 bytes; build shorter texts and "
     "lists"},
    {EXPR_SPEL, "new int[2000000000]", REFUSED, "Cannot create instance of unknown class int"},
    {EXPR_SPEL,
     "#CONV.toJson('[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
     "[[[[[[[[[[[[[[[[[[[[[')",
     FAILS, "The JSON text goes beyond a limit: nested too deeply"},
    {EXPR_SPEL,
     "#BASE64.encode(#str.replaceAll('a', #str).replaceAll('a', #str).replaceAll('a', "
     "#str).replaceAll('a', #str))",
     FAILS,
     "The expression takes too many steps, the limit is 1000000; walk shorter lists, or raise "
     "engine.fuel"},
    {EXPR_SPEL, "T(java.time.LocalDate).of(2000, 1, 1).plusYears(9000000000L)", FAILS,
     "Invalid value for Year (valid values -999999999 - 999999999): 9000002000"},
    {EXPR_SPEL, "T(java.time.Duration).ofDays(9000000000000000L)", FAILS, "long overflow"},
};

/* A long value as its beginning and its length. */
static struct slice shortened(struct slice given, char *memory, size_t bytes)
{
    if (given.len <= SHOWN_BYTES) return given;
    int len = snprintf(memory, bytes, "%.*s ... %zu bytes", BEGINNING_BYTES,
                       (const char *)given.data, given.len);
    return (struct slice){(const uint8_t *)memory, (size_t)len};
}

/* A failure without "Expression [...] evaluation failed, message: ". */
static struct slice without_text(struct slice message, struct slice text)
{
    size_t before = strlen("Expression [") + text.len + strlen("] evaluation failed, message: ");

    if (message.len < before) return message;
    return (struct slice){message.data + before, message.len - before};
}

static enum end end_of(const struct sample_result *result, struct slice text, struct buffer *shown,
                       struct slice *said)
{
    buffer_clear(shown);
    if (!result->valid) {
        *said = result->problems.items[0].message;
        return REFUSED;
    }
    if (result->failed) {
        *said = without_text(result->message, text);
        return FAILS;
    }
    value_to_text(result->value, shown);
    *said = buffer_slice(shown);
    return GIVES;
}

static void known_ways_out_are_closed(void **state)
{
    struct arena arena;
    struct arena call;
    struct sample sample;
    struct buffer shown;
    struct slice said;
    char memory[SHOWN_BYTES];

    (void)state;
    arena_init(&arena, CALL_BYTES_MAX);
    arena_init(&call, CALL_BYTES_MAX);
    buffer_init(&shown, CALL_BYTES_MAX);
    assert_ok(sample_read(slice_of(program_variables), NULL, &arena, &sample, &said));
    for (size_t i = 0; i < COUNT_OF(escapes); i++) {
        struct expr_source source = {.text = slice_of(escapes[i].text),
                                     .language = escapes[i].language};
        struct sample_result result;
        arena_reset(&call);
        assert_ok(sample_run(&sample, &source, 0, &call, &result));
        enum end end = end_of(&result, source.text, &shown, &said);
        said = shortened(said, memory, sizeof(memory));
        if (end != escapes[i].end || !slice_equal(slice_of(escapes[i].says), said))
            fail_msg("%s: %.*s", escapes[i].text, (int)said.len, (const char *)said.data);
    }
    buffer_deinit(&shown);
    arena_deinit(&call);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_ways_out_are_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
