package io.multisqs.internal;

import java.time.Duration;
import java.util.OptionalInt;

/**
 * How many messages a queue may have in this process, and how many it has. A credit is taken when a
 * receive asks for a message, and closed when the receive did not bring it, or when the message
 * leaves the bus: in {@link #left} alone. Guarded by the board's lock.
 */
final class Credits {
  /** What would wait longer than this before it starts stays in SQS, for others to have. */
  private static final Duration SOON = Duration.ofSeconds(1);

  /** Two full receives: with fewer, either receives are not full or slots wait for them. */
  private static final int TWO_RECEIVES = 20;

  /** Handlers faster than this do not ask for deeper buffers still. */
  private static final long FASTEST_HANDLER = Duration.ofNanos(50_000).toNanos();

  private static final int MOST = 1_000;

  /** A FIFO receive brings up to ten of one group, nine of which wait behind its head. */
  private static final int BEHIND_EACH = 10;

  private final OptionalInt fixed;
  private final int slots;
  private final int most;
  private int requested;
  private int waiting;
  private int behind;
  private long handlerMean = -1;

  /** How long one start took after the one before it, of those that waited in line. */
  private long startMean = -1;

  Credits(OptionalInt fixed, int slots, boolean fifo) {
    this.fixed = fixed;
    this.slots = slots;
    // On a FIFO queue what follows a head is here with it, and bridges more than any depth does.
    this.most = fifo ? Math.max(TWO_RECEIVES, 2 * slots) : Math.max(MOST, 3 * slots);
  }

  void asked(int messages) {
    requested += messages;
  }

  void answered(int messages) {
    requested -= messages;
  }

  /** A message waits in front, in its bus; or behind the head of its FIFO group. */
  void entered(boolean inFront) {
    if (inFront) {
      waiting++;
    } else {
      behind++;
    }
  }

  void left(boolean inFront) {
    if (inFront) {
      waiting--;
    } else {
      behind--;
    }
  }

  int waiting() {
    return waiting;
  }

  /** Messages behind the heads of their FIFO groups. */
  int behind() {
    return behind;
  }

  int requested() {
    return requested;
  }

  /**
   * A message started: what others, other queues and the machine leave of the slots shows in how
   * long it took the line to move by one.
   *
   * @param waited since it arrived
   * @param ahead how many waited here before it when it arrived
   */
  void started(long waited, int ahead) {
    long each = waited / (ahead + 1);
    startMean = startMean < 0 ? each : startMean + (each - startMean) / 8;
  }

  void handlerTook(long nanos) {
    handlerMean = handlerMean < 0 ? nanos : handlerMean + (nanos - handlerMean) / 8;
  }

  /**
   * How many messages may wait here beyond those that run: as set, or enough to bridge four receive
   * times at the pace at which they start, at least two full receives, but no more than start soon.
   * One while the pace is unknown.
   */
  int depth(ReceiveTimes times) {
    if (fixed.isPresent()) {
      return fixed.getAsInt();
    }
    if (handlerMean < 0) {
      return 1;
    }
    double handler = Math.max(FASTEST_HANDLER, handlerMean);
    double each = Math.max(handler / slots, (double) startMean);
    double perNano = 1 / each;
    double soon = perNano * SOON.toNanos();
    double bridge = Math.max(TWO_RECEIVES, perNano * 4 * times.mean());
    return (int) Math.max(1, Math.min(most, Math.min(soon, bridge)));
  }

  /**
   * Messages that may be asked for now. Those behind the heads of FIFO groups cannot start, and
   * have a bound of their own, or one long group would keep the slots from all others.
   */
  int free(int openSlots, ReceiveTimes times) {
    int depth = depth(times);
    if (behind >= BEHIND_EACH * slots + depth) {
      return 0;
    }
    return openSlots + depth - waiting - requested;
  }

  /** Fewer are not worth a receive: half the depth, so that the other half bridges it. */
  int worthAsking(int maxPerReceive, ReceiveTimes times) {
    if (waiting == 0 && requested == 0) {
      return 1;
    }
    return Math.min(maxPerReceive, Math.max(1, depth(times) / 2));
  }
}
