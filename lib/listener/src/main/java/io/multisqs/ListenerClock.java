package io.multisqs;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/**
 * Where a listener has its time from: the machine's clock, or one that a test moves by hand.
 *
 * <p>Durations are measured with {@link #nanoTime()} alone, so that a wall clock that jumps moves
 * nothing but what {@link #instant()} says. Implementations are safe for use by many threads.
 */
public interface ListenerClock {

  /** The machine's clock. */
  ListenerClock SYSTEM =
      new ListenerClock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public Instant instant() {
          return Instant.now();
        }

        @Override
        @SuppressWarnings("WaitNotInLoop") // every caller has its own loop, and decides again
        public void await(Lock held, Condition condition, long nanos) throws InterruptedException {
          if (nanos == Long.MAX_VALUE) {
            condition.await();
          } else {
            boolean unused = condition.await(nanos, TimeUnit.NANOSECONDS);
          }
        }
      };

  /**
   * A reading that only differences of are meaningful, as {@link System#nanoTime()}.
   *
   * @return nanoseconds
   */
  long nanoTime();

  /**
   * The time of day. Where it gains on {@link #nanoTime()} by more than 100 ms, the listener takes
   * it that the machine was suspended for as long while SQS's clock went on, and starts no message
   * that may have become visible to others meanwhile. A clock for tests moves both alike.
   *
   * @return now
   */
  Instant instant();

  /**
   * Waits on a condition until it is signalled, or this clock has passed the time; may also return
   * earlier, for no reason, as conditions do.
   *
   * @param held the condition's lock, held by the caller
   * @param condition what to wait on
   * @param nanos the longest wait on this clock; {@link Long#MAX_VALUE} for one without an end
   * @throws InterruptedException if the thread is interrupted
   */
  void await(Lock held, Condition condition, long nanos) throws InterruptedException;
}
