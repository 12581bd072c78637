package io.multisqs.broadcast;

import java.util.function.Supplier;

/** Runs what has to be done even on an interrupted thread, on which the SDK gives up every call. */
final class Uninterrupted {
  private Uninterrupted() {}

  static <T> T get(Supplier<T> work) {
    boolean interrupted = Thread.interrupted();
    try {
      return work.get();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  static void run(Runnable work) {
    Boolean unused =
        get(
            () -> {
              work.run();
              return true;
            });
  }
}
