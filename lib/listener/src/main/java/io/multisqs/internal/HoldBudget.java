package io.multisqs.internal;

import io.multisqs.ListenerOptions;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * How much slot time may stand idle because lower work waits for higher queues (I2): at most {@link
 * ListenerOptions#MAX_HELD_SLOT_SHARE}, over each second and over any longer time, whatever the
 * traffic.
 *
 * <p>Half of that share accrues, of the slots that do not run higher work anyway, and half of one
 * second's share may be saved: so no second sees more than the share. A hold for a backlog that is
 * known goes on to its end though the savings are spent, which with few slots and long round trips
 * may exceed the share of one second; it is paid back before the next begins. A hold for a mere
 * chance may use half of the savings, so that a trickle of higher messages leaves enough for the
 * next backlog.
 *
 * <p>Amounts are nanoseconds of slot time. Guarded by the board's lock.
 */
final class HoldBudget {
  private static final long SECOND = 1_000_000_000L;
  private static final long LEAST_LOOK = 1_000_000;

  private static final double RATE = ListenerOptions.MAX_HELD_SLOT_SHARE / 2;

  private final int slots;
  private final double most;

  /** The lowest priority that slots were last held for, and the slots that run such work. */
  private int higherFrom = Integer.MAX_VALUE;

  private int runHigherWork;

  private double balance;
  private long countedTo;

  /** Slots that stand idle now because of a hold. */
  private int held;

  private long heldInAll;

  /** What of it had been told when the last hold ended. */
  private long told;

  /** A hold for a backlog ran to its end on credit: the next one waits until that is paid back. */
  private boolean overdrawn;

  /** A hold for a chance is on: it goes on while its half of the savings lasts. */
  private boolean onChance;

  HoldBudget(int slots, long now) {
    this.slots = slots;
    this.most = slots * RATE * SECOND;
    this.balance = most;
    this.countedTo = now;
  }

  /** Brings the balance up to now. */
  private void count(long now) {
    long passed = now - countedTo;
    if (passed > 0) {
      countedTo = now;
      heldInAll += passed * held;
      balance = Math.min(most, balance + passed * (accrual() - held));
    }
  }

  /** What accrues in a nanosecond: slots that run higher work have nothing to share with lower. */
  private double accrual() {
    return Math.max(0, slots - runHigherWork) * RATE;
  }

  /** So many slots run work of this priority and above, which lower work may have to wait for. */
  void slotsRunHigherWork(int count, int from, long now) {
    count(now);
    runHigherWork = count;
    higherFrom = from;
  }

  /** A message of a queue of this priority started. */
  void started(int priority, int free, long now, Consumer<Duration> tell) {
    count(now);
    if (priority >= higherFrom) {
      runHigherWork++;
    }
    if (held > free) {
      hold(free, now, tell);
    }
  }

  /** A message of a queue of this priority left its slot. */
  void ended(int priority, long now) {
    count(now);
    if (priority >= higherFrom) {
      runHigherWork--;
    }
  }

  /** Whether so many slots may wait for a backlog, for as long as a hold takes. */
  boolean allowsBacklog(int slots, long hold, long now) {
    count(now);
    if (balance > 0) {
      overdrawn = false;
    } else if (balance <= -(double) hold * slots) {
      overdrawn = true;
    }
    return !overdrawn;
  }

  /** Whether so many slots may wait for what may have come: not for less than a round trip. */
  boolean allowsChance(int slots, long roundTrip, long now) {
    count(now);
    double spare = balance - most / 2;
    onChance = spare > 0 && (onChance || spare >= (double) roundTrip * slots);
    return onChance;
  }

  /** When it is worth another look though nothing happens, with so many slots held. */
  long lastsUntil(int slots, boolean backlog, long hold, long now) {
    double net = slots - accrual();
    if (net <= 0) {
      return Long.MAX_VALUE;
    }
    double floor = backlog ? -(double) hold * slots : most / 2;
    // Fewer slots may stand idle than are claimed: that takes several looks, but not thousands.
    return now + Math.max(LEAST_LOOK, (long) Math.ceil((balance - floor) / net));
  }

  /** From now on so many slots stand idle because of a hold. */
  void hold(int slots, long now, Consumer<Duration> tell) {
    count(now);
    if (held > 0 && slots == 0) {
      tell.accept(Duration.ofNanos(heldInAll - told));
      told = heldInAll;
    }
    if (slots == 0) {
      // A hold that ended in debt is not continued: the next is another.
      overdrawn |= balance <= 0;
      onChance = false;
    }
    held = slots;
  }

  /** The slot time that stood idle because of holds, since the start. */
  Duration heldInAll(long now) {
    count(now);
    return Duration.ofNanos(heldInAll);
  }
}
