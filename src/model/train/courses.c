/* courses.c - the table of what can be trained. */
#include "model/train/course.h"

#define COURSE(name, function, epochs, meaning, settings)                                        \
    enum status function(const struct course_request *request, const struct course_watch *watch, \
                         struct buffer *message);                                                \
    enum status function##_check(const struct course_request *request, struct buffer *message);
#include "model/train/courses.def"
#undef COURSE

const struct course courses[] = {
#define COURSE(name, function, epochs, meaning, settings) \
    {name, meaning, epochs, settings, function##_check, function},
#include "model/train/courses.def"
#undef COURSE
    {0},
};
