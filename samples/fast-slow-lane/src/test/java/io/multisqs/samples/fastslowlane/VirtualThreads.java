package io.multisqs.samples.fastslowlane;

import java.util.List;

/** On a JDK that has them, all tests may be run on virtual threads. */
final class VirtualThreads {
  private VirtualThreads() {}

  /** For the sample's command line. */
  static List<String> option() {
    return Boolean.getBoolean("multisqs.test.virtualThreads")
        ? List.of("--virtual-threads")
        : List.of();
  }
}
