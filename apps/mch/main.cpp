// mch: the container alone.
#include "mch/app/application.h"

int main(int argc, char** argv) {
    return mch::app::Main({.program = "mch",
                           .version = ANLAN_VERSION,
                           .default_configuration = "conf/mch.conf",
                           .open_database = {},
                           .open_blobs = {}},
                          {}, argc, argv);
}
