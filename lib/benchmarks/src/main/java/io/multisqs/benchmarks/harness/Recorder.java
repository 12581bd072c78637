package io.multisqs.benchmarks.harness;

import io.multisqs.benchmarks.peers.MessageHandler;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The handler that every consumer is given: it notes when it started and how old the message was,
 * and then takes as long as it is told to. Notes go to memory made beforehand, so that taking them
 * costs next to nothing, and off the heap, so that the live heap shown is the consumer's.
 */
final class Recorder implements MessageHandler {
  private static final int CAPACITY = 1 << 20;

  // Of a note: when the handler started, when the message was visible, the lane.
  private static final int VISIBLE = Long.BYTES;
  private static final int LANE = 2 * Long.BYTES;
  private static final int BYTES = 2 * Long.BYTES + 1;

  private final LongAdder started = new LongAdder();
  private final LongAdder handled = new LongAdder();
  private final LongAdder handledInLastLane = new LongAdder();
  private final LongAdder workedNanos = new LongAdder();
  private final int lastLane;
  private volatile long handlerNanos;
  private volatile boolean noting;

  // One note a handler start while noting. An index is taken once, so each slot has one writer.
  private final AtomicInteger next = new AtomicInteger();
  private final int capacity;
  private final ByteBuffer notes;

  Recorder(int queues) {
    this(queues, CAPACITY);
  }

  Recorder(int queues, int capacity) {
    lastLane = queues - 1;
    this.capacity = capacity;
    notes = ByteBuffer.allocateDirect(capacity * BYTES).order(ByteOrder.nativeOrder());
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
      if (at < capacity) {
        int note = at * BYTES;
        notes.putLong(note, now);
        notes.putLong(note + VISIBLE, leadingNumber(body));
        notes.put(note + LANE, (byte) lane);
      }
    }
    long nanos = handlerNanos;
    if (nanos > 0) {
      Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
      workedNanos.add(System.nanoTime() - now);
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

  /**
   * How long handlers that take time have really taken: more than they were told, for want of CPU.
   */
  long workedNanos() {
    return workedNanos.sum();
  }

  /** Call when noting is off and handlers have had a moment to finish theirs. */
  Start[] starts() {
    int count = Math.min(next.get(), capacity);
    Start[] starts = new Start[count];
    for (int i = 0; i < count; i++) {
      int note = i * BYTES;
      starts[i] =
          new Start(notes.get(note + LANE), notes.getLong(note), notes.getLong(note + VISIBLE));
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
