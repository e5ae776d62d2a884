/* fuzz_config.c - any bytes as a configuration: a message or a configuration, never both. */
#include "host/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config config;
    struct buffer message;

    buffer_init(&message, 1 << 20);
    if (config_read((struct slice){data, size}, "fuzz.yaml", &config, &message) == STATUS_OK) {
        ASSERT(message.len == 0);
        ASSERT(config.collect.body_bytes_max >= 1024);
        config_deinit(&config);
    }
    buffer_deinit(&message);
    return 0;
}
