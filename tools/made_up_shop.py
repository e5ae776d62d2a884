#!/usr/bin/env python3
"""Prints the interactions of a made-up shop, as `headrace model train` reads them: 1, user, item, seconds, category.

Products come in 10 categories and, within one, in groups that are bought together; a third stands in a second category too. A user has
episodes: a category, a group of it, 2 to 11 events of which one in ten is any product of the category. Times are a visit's: episodes lie days
apart, events minutes. The same seed gives the same bytes.
Usage: made_up_shop.py [USERS [SEED]]"""
import random
import sys

CATEGORIES, ITEMS, GROUP = 10, 234, 5
NOW, MONTH = 1_795_000_000, 30 * 86400


def catalogue(draw):
    shelves = [[] for _ in range(CATEGORIES)]
    for item in range(ITEMS):
        home = item % CATEGORIES
        shelves[home].append(item)
        if draw.random() < 1 / 3:
            shelves[(home + 1 + draw.randrange(CATEGORIES - 1)) % CATEGORIES].append(item)
    groups = []
    for shelf in shelves:
        draw.shuffle(shelf)
        groups.append([shelf[at:at + GROUP] for at in range(0, len(shelf), GROUP)])
    return shelves, groups


def main(users=149, seed=1):
    draw = random.Random(seed)
    shelves, groups = catalogue(draw)
    for user in range(users):
        starts = sorted(NOW - draw.randrange(MONTH) for _ in range(draw.randint(50, 100)))
        for start in starts:
            category = draw.randrange(CATEGORIES)
            group = draw.choice(groups[category])
            time = start
            for _ in range(draw.randint(2, 11)):
                item = draw.choice(shelves[category] if draw.random() < 0.1 else group)
                time += draw.randint(5, 120)
                print(1, f"user{user}", f"item{item}", time, f"category{category}", sep="\t")


main(*map(int, sys.argv[1:]))
