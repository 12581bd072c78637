package io.multisqs.internal;

import java.util.concurrent.locks.LockSupport;

/**
 * The life of a thread that must not end before its work does: it takes steps until one says that
 * it was the last, whatever they throw (I14).
 *
 * <p>That includes an OutOfMemoryError, which any step may meet anywhere while a handler fills the
 * heap. A step therefore leaves what it works on as it was, or where its next one finds it. One
 * thing ends the loop early: a {@link LinkageError}. A class that could not be initialised never
 * will be in this JVM, so who owns the thread is told that there is no going on.
 */
final class Loop implements Runnable {
  private static final Log log = Log.of("io.multisqs.Loop");

  /** Before the next step after one that threw: memory comes back when handlers end. */
  private static final long PAUSE = 20_000_000L;

  /** One step. */
  interface Step {
    /** Takes it; returns whether there is to be another. */
    boolean take() throws InterruptedException;
  }

  private final String whose;
  private final Step step;
  private final FailureLog failures;

  /**
   * A loop that has not begun.
   *
   * @param whose what its thread does, for the log
   */
  Loop(String whose, FailureLog failures, Step step) {
    this.whose = whose;
    this.failures = failures;
    this.step = step;
  }

  @Override
  public void run() {
    for (; ; ) {
      try {
        if (!step.take()) {
          return;
        }
      } catch (InterruptedException e) {
        // The thread is this listener's: some callback left the flag, and it is over now.
        log.debug("{} was interrupted, and goes on", whose);
      } catch (LinkageError e) {
        throw e;
      } catch (Throwable e) {
        survived(e);
      }
    }
  }

  private void survived(Throwable e) {
    try {
      if (failures.isNew(e)) {
        log.error("{} met an error, and goes on; logged once for its kind", whose, e);
      }
    } catch (Throwable again) {
      // No memory to tell of it with. It comes again, or is over.
      Thread.onSpinWait();
    }
    pause();
  }

  /** Needs no memory, and no clock. */
  static void pause() {
    LockSupport.parkNanos(PAUSE);
  }
}
