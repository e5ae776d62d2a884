/* shop_event.h - what a visitor did in a shop, out of a tracker's payload as collect stores it:
 * {"message": {"data": [...]}}. The one place that knows a view, a cart and an order, for training
 * from the log and for what pages leave out.
 *
 *   view     e = pv, an address with /products/<handle>, percent-escapes as they are
 *   cart     e = ue, Snowplow's add_to_cart (ue_pr or ue_px)       item sku, category
 *   uncart   e = ue, Snowplow's remove_from_cart                   the same
 *   order    e = ti, an item of a transaction                      item ti_sk, category ti_ca
 *   cart, uncart, order also as Snowplow's e-commerce plugin tells them: e = ue,
 *            snowplow_ecommerce_action of type add_to_cart, remove_from_cart, transaction; an event
 *            for each product entity in co or cx                   item id, category
 *
 * The plugin's product_view is none of them: the page view of the same page is the view.
 */
#pragma once
#include "base/arena.h"
#include "value/document.h"

enum shop_event_kind { SHOP_VIEW, SHOP_CART, SHOP_UNCART, SHOP_ORDER, SHOP_OTHER };

struct shop_event {
    enum shop_event_kind kind;
    struct slice user;     /* duid; len 0: none */
    struct slice item;     /* len 0: none is named */
    struct slice category; /* len 0: none */
    struct slice time;     /* dtm, milliseconds as the tracker has them; len 0: none */
};

typedef enum status (*shop_event_visit)(void *context, const struct shop_event *event);

/* Every event of a payload in its order, one with several products once for each, what is none of the
 * above as SHOP_OTHER.
 * lives    in the arena
 * fails    NOT_FOUND: not a payload; as `visit` */
enum status shop_events_each(const struct document *payload, struct arena *arena, void *context,
                             shop_event_visit visit) MUST_USE;

/* Text of a string or number member; len 0: there is none. */
struct slice shop_event_text(const struct document *document, uint32_t object, struct slice key,
                             struct arena *arena);
