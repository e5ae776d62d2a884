/* courses.c - the table of what can be trained. */
#include "model/train/course.h"

#define COURSE(name, function, meaning, settings)                                                \
    enum status function(const struct course_request *request, const struct course_watch *watch, \
                         struct buffer *message);
#include "model/train/courses.def"
#undef COURSE

const struct course courses[] = {
#define COURSE(name, function, meaning, settings) {name, meaning, settings, function},
#include "model/train/courses.def"
#undef COURSE
    {0},
};
