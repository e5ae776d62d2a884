/* url.c - on curl_url(), so that what is checked and what is called cannot differ. */
#include "connect/http/url.h"

#include <curl/curl.h>

static void append_lower(char *target, size_t *len, const char *text)
{
    for (; *text != '\0'; text++)
        target[(*len)++] = (char)(*text >= 'A' && *text <= 'Z' ? *text | 0x20 : *text);
}

struct parts {
    char *scheme;
    char *host;
    char *port; /* NULL: the scheme's own */
    char *path;
    char *query; /* NULL: none */
};

static void parts_free(struct parts *parts)
{
    curl_free(parts->scheme);
    curl_free(parts->host);
    curl_free(parts->port);
    curl_free(parts->path);
    curl_free(parts->query);
}

static enum status parts_write(const struct parts *parts, struct arena *arena, struct url *url)
{
    size_t origin_max = strlen(parts->scheme) + 3 + strlen(parts->host) +
                        (parts->port != NULL ? strlen(parts->port) + 1 : 0);
    size_t path_len = strlen(parts->path);
    size_t query_len = parts->query != NULL ? strlen(parts->query) + 1 : 0;
    char *origin = arena_alloc(arena, origin_max, 1);
    char *path = arena_alloc(arena, path_len + query_len, 1);
    size_t len = 0;

    if (origin == NULL || path == NULL) return STATUS_LIMIT;
    append_lower(origin, &len, parts->scheme);
    append_lower(origin, &len, "://");
    append_lower(origin, &len, parts->host);
    if (parts->port != NULL) {
        append_lower(origin, &len, ":");
        append_lower(origin, &len, parts->port);
    }
    ASSERT(len == origin_max);
    memcpy(path, parts->path, path_len);
    if (query_len > 0) {
        path[path_len] = '?';
        memcpy(path + path_len + 1, parts->query, query_len - 1);
    }
    url->origin = (struct slice){(uint8_t *)origin, origin_max};
    url->path = (struct slice){(uint8_t *)path, path_len + query_len};
    return STATUS_OK;
}

static bool has_part(CURLU *handle, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(handle, part, &text, 0) == CURLUE_OK;

    curl_free(text);
    return has;
}

static enum status parts_read(CURLU *handle, struct parts *parts, const char **why)
{
    if (has_part(handle, CURLUPART_USER) || has_part(handle, CURLUPART_PASSWORD)) {
        *why = "credentials in the URL are refused; use a secret header";
        return STATUS_INVALID;
    }
    if (curl_url_get(handle, CURLUPART_SCHEME, &parts->scheme, 0) != CURLUE_OK ||
        curl_url_get(handle, CURLUPART_HOST, &parts->host, 0) != CURLUE_OK ||
        curl_url_get(handle, CURLUPART_PATH, &parts->path, 0) != CURLUE_OK) {
        *why = "the URL has no host";
        return STATUS_INVALID;
    }
    if (strcmp(parts->scheme, "http") != 0 && strcmp(parts->scheme, "https") != 0) {
        *why = "only http and https URLs are called";
        return STATUS_INVALID;
    }
    (void)curl_url_get(handle, CURLUPART_PORT, &parts->port, CURLU_NO_DEFAULT_PORT);
    (void)curl_url_get(handle, CURLUPART_QUERY, &parts->query, 0);
    return STATUS_OK;
}

enum status url_read(struct slice text, struct arena *arena, struct url *url, const char **why)
{
    char *copy = arena_alloc(arena, text.len + 1, 1);
    struct parts parts = {0};

    *why = "";
    if (copy == NULL || text.len > URL_BYTES_MAX) {
        *why = "the URL is too long";
        return STATUS_LIMIT;
    }
    if (text.len > 0) memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    *why = "this is no absolute http or https URL";
    if (strlen(copy) != text.len) return STATUS_INVALID;
    CURLU *handle = curl_url();
    if (handle == NULL) return STATUS_LIMIT;
    enum status status = STATUS_INVALID;
    if (curl_url_set(handle, CURLUPART_URL, copy, CURLU_PATH_AS_IS | CURLU_URLENCODE) == CURLUE_OK)
        status = parts_read(handle, &parts, why);
    if (status == STATUS_OK) status = parts_write(&parts, arena, url);
    parts_free(&parts);
    curl_url_cleanup(handle);
    return status;
}

enum status url_join(struct slice base, struct slice path, struct arena *arena, const char **joined)
{
    while (base.len > 0 && base.data[base.len - 1] == '/')
        base.len--;
    char *text = arena_alloc(arena, base.len + path.len + 1, 1);

    if (text == NULL) return STATUS_LIMIT;
    memcpy(text, base.data, base.len);
    if (path.len > 0) memcpy(text + base.len, path.data, path.len);
    text[base.len + path.len] = '\0';
    *joined = text;
    return STATUS_OK;
}
