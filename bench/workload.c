/* workload.c - splitmix64 and the inverse of Zipf's distribution. */
#include "workload.h"

#include <stdio.h>

static uint64_t next(struct workload *workload)
{
    uint64_t value = workload->state += 0x9E3779B97F4A7C15U;

    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
    return value ^ (value >> 31U);
}

static double uniform(struct workload *workload)
{
    return (double)(next(workload) >> 11U) * 0x1p-53;
}

/* With exponent 1/2 the share of the first k of n is about sqrt(k / n): its inverse is u * u * n. */
static uint32_t visitor_pick(struct workload *workload)
{
    double u = uniform(workload);
    uint32_t rank = (uint32_t)(u * u * workload->visitors);

    return rank < workload->visitors ? rank : workload->visitors - 1;
}

static void uuid_write(char text[WORKLOAD_EVENT_ID_BYTES + 1], uint64_t high, uint64_t low)
{
    (void)snprintf(text, WORKLOAD_EVENT_ID_BYTES + 1, "%08x-%04x-4%03x-8%03x-%012llx",
                   (unsigned)(high >> 32U), (unsigned)(high >> 16U) & 0xFFFFU,
                   (unsigned)high & 0xFFFU, (unsigned)(low >> 48U) & 0xFFFU,
                   (unsigned long long)(low & 0xFFFFFFFFFFFFU));
}

void workload_init(struct workload *workload, uint64_t seed, uint32_t visitors,
                   const char *const *products, uint32_t product_count)
{
    ASSERT(visitors > 0 && product_count > 0);
    *workload = (struct workload){.seed = seed,
                                  .state = seed,
                                  .visitors = visitors,
                                  .products = products,
                                  .product_count = product_count};
}

void workload_next(struct workload *workload, int64_t now_ms, struct buffer *body,
                   struct workload_event *event)
{
    uint32_t visitor = visitor_pick(workload);
    const char *product = workload->products[next(workload) % workload->product_count];
    double kind = uniform(workload);
    const char *app = kind < 0.1 ? "another-shop" : "shop";
    const char *place = kind >= 0.1 && kind < 0.2 ? "pages" : "products";
    char text[2048];

    event->passes = kind >= 0.2;
    workload->count++;
    uuid_write(event->event_id, workload->seed ^ (workload->count << 20U), next(workload));
    uuid_write(event->visitor, 0xA11CE00000000000U | visitor, visitor * 0x9E3779B97F4AU);
    int len = snprintf(
        text, sizeof(text),
        "{\"schema\":\"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/"
        "1-0-4\",\"data\":[{\"e\":\"pv\","
        "\"url\":\"https://shop.example/%s/%s?variant=1\",\"page\":\"A product of the "
        "shop\",\"refr\":"
        "\"https://shop.example/collections/"
        "all\",\"eid\":\"%s\",\"tv\":\"js-4.10.1\",\"tna\":\"sp\",\"aid\":\"%s\","
        "\"p\":\"web\",\"cookie\":\"1\",\"cs\":\"UTF-8\",\"lang\":\"en-US\",\"res\":\"1920x1080\","
        "\"cd\":\"24\","
        "\"tz\":\"Europe/"
        "Warsaw\",\"dtm\":\"%lld\",\"co\":\"{\\\"schema\\\":\\\"iglu:com.snowplowanalytics."
        "snowplow/"
        "contexts/jsonschema/"
        "1-0-0\\\",\\\"data\\\":[{\\\"schema\\\":\\\"iglu:com.snowplowanalytics.snowplow/web_page/"
        "jsonschema/"
        "1-0-0\\\",\\\"data\\\":{\\\"id\\\":\\\"%s\\\"}},{\\\"schema\\\":\\\"iglu:com."
        "snowplowanalytics."
        "snowplow/browser_context/jsonschema/"
        "2-0-0\\\",\\\"data\\\":{\\\"viewport\\\":\\\"1180x900\\\","
        "\\\"documentSize\\\":\\\"1180x2200\\\"}}]}\",\"vp\":\"1180x900\",\"ds\":\"1180x2200\","
        "\"vid\":\"1\",\"sid\":"
        "\"0b0c1d2e-3f40-4152-8364-758697a8b9ca\",\"duid\":\"%s\",\"stm\":\"%lld\"}]}",
        place, product, event->event_id, app, (long long)now_ms, event->event_id, event->visitor,
        (long long)now_ms);
    ASSERT(len > 0 && (size_t)len < sizeof(text));
    buffer_clear(body);
    buffer_append(body, (struct slice){(const uint8_t *)text, (size_t)len});
}
