package io.multisqs.benchmarks.server;

import java.io.IOException;

/** By which a process learns that who started it is gone: it ends then. */
public final class StandardInput {
  private StandardInput() {}

  /** Returns when the input is at its end, or cannot be read. */
  public static void awaitEnd() {
    try {
      while (System.in.read() >= 0) {
        // whatever is said, only the end counts
      }
    } catch (IOException e) {
      // an input that cannot be read is at its end
    }
  }
}
