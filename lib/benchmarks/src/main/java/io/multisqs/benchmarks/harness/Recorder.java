package io.multisqs.benchmarks.harness;

import io.multisqs.benchmarks.peers.MessageHandler;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The handler that every consumer is given: it notes when it started and how old the message was,
 * and then takes as long as it is told to. Notes go to arrays made beforehand, so that taking them
 * costs next to nothing.
 */
final class Recorder implements MessageHandler {
  private static final int CAPACITY = 1 << 20;

  private final LongAdder started = new LongAdder();
  private final LongAdder handled = new LongAdder();
  private final LongAdder handledInLastLane = new LongAdder();
  private final int lastLane;
  private volatile long handlerNanos;
  private volatile boolean noting;

  // One entry a handler start while noting. An index is taken once, so each slot has one writer.
  private final AtomicInteger next = new AtomicInteger();
  private final long[] startedAt;
  private final long[] visibleAt;
  private final byte[] lanes;

  Recorder(int queues) {
    this(queues, CAPACITY);
  }

  Recorder(int queues, int capacity) {
    lastLane = queues - 1;
    startedAt = new long[capacity];
    visibleAt = new long[capacity];
    lanes = new byte[capacity];
  }

  /**
   * What was noted, by the time at which handlers started.
   *
   * @param lane the queue's index
   * @param startedAt when the handler started, on {@link System#nanoTime()}'s scale
   * @param visibleAt when the message became visible, or 0 if it does not tell
   */
  record Start(int lane, long startedAt, long visibleAt) {}

  @Override
  public void handle(int lane, String body) throws InterruptedException {
    long now = System.nanoTime();
    started.increment();
    if (noting) {
      int at = next.getAndIncrement();
      if (at < startedAt.length) {
        startedAt[at] = now;
        visibleAt[at] = leadingNumber(body);
        lanes[at] = (byte) lane;
      }
    }
    long nanos = handlerNanos;
    if (nanos > 0) {
      Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
    }
    if (lane == lastLane) {
      handledInLastLane.increment();
    }
    handled.increment();
  }

  void handlerTakes(long nanos) {
    handlerNanos = nanos;
  }

  void note(boolean on) {
    if (on) {
      next.set(0);
    }
    noting = on;
  }

  long started() {
    return started.sum();
  }

  long handled() {
    return handled.sum();
  }

  long handledInLastLane() {
    return handledInLastLane.sum();
  }

  /** Call when noting is off and handlers have had a moment to finish theirs. */
  Start[] starts() {
    int count = Math.min(next.get(), startedAt.length);
    Start[] starts = new Start[count];
    for (int i = 0; i < count; i++) {
      starts[i] = new Start(lanes[i], startedAt[i], visibleAt[i]);
    }
    Arrays.sort(starts, (a, b) -> Long.signum(a.startedAt() - b.startedAt()));
    return starts;
  }

  static long leadingNumber(String text) {
    long number = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        break;
      }
      number = 10 * number + digit;
    }
    return number;
  }
}
