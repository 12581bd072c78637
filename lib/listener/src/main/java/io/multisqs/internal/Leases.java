package io.multisqs.internal;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides about the leases of the messages that are here: which are to be extended, what an answer
 * to an extension means, and what becomes of a message whose lease may have run out (I6, I7). A
 * part of the {@link Board}: it takes the board's lock.
 */
final class Leases {
  /** Calls for one message that may be out together. */
  private static final int MOST_AT_ONCE = 3;

  /** Messages that are due within this are extended together with those that are due now. */
  private static final long TOGETHER = Duration.ofMillis(500).toNanos();

  /** Entry errors that say that the message is no longer ours. */
  private static final Set<String> GONE = Set.of("MessageNotInflight", "ReceiptHandleIsInvalid");

  /** A message that is to be extended, with its order as it was found: a lease changes any time. */
  static final class Extension {
    final Delivery delivery;
    final String receipt;

    /** Whether it waited then; else it ran, or awaited its delete. */
    final boolean waits;

    /** What was left of its lease, in nanoseconds. */
    final long left;

    /** Whether its call is out. Guarded by the board's lock. */
    private boolean out;

    Extension(Delivery delivery, boolean waits, long left) {
      this.delivery = delivery;
      this.receipt = delivery.receiptHandle;
      this.waits = waits;
      this.left = left;
    }
  }

  private final Board board;

  Leases(Board board) {
    this.board = board;
  }

  // ---- extensions -----------------------------------------------------------------------------

  /** Finds the messages that are due, and drops those that ran out; returns when to look again. */
  long findDue(long now, List<Extension> due) {
    long next = Long.MAX_VALUE;
    board.lock();
    try {
      board.lookForSuspension(now);
      for (Lane lane : board.lanes) {
        if (!lane.isKnown()) {
          continue;
        }
        // What arrives after this look is not due before that.
        next = Math.min(next, now + Lease.shortestUntilDue(lane.source().visibility()).toNanos());
        for (Delivery d : List.copyOf(lane.here.values())) {
          next = Math.min(next, look(d, now, due));
        }
      }
    } finally {
      board.unlock();
    }
    return next;
  }

  private long look(Delivery d, long now, List<Extension> due) {
    Lease lease = board.leaseOf(d);
    if (d.stage == Delivery.Stage.GIVING_BACK || d.stage == Delivery.Stage.CLOSED) {
      return Long.MAX_VALUE;
    }
    if (lease.mayHaveRunOut(now)) {
      ranOut(d, now);
      return Long.MAX_VALUE;
    }
    if (d.isLeaseLostToItsHandler() && d.stage == Delivery.Stage.RUNNING) {
      // An extension was confirmed after its handler had asked, and was told that it is too late.
      tell(d, "its visibility was extended late");
    }
    boolean extend = d.lane.config.extendLeases() && lease.canBeExtended(now);
    if (!extend) {
      return lease.until();
    }
    // An extension that was not sent for so long may have been lost with its thread.
    if (d.extensionWaits && now - d.extendAgainAt >= 0) {
      d.extensionWaits = false;
    }
    boolean none = !d.extensionWaits && d.extensionsOut == 0;
    boolean isDue = none && lease.renewAt() - now <= TOGETHER / 2;
    if (isDue || isOverdue(d, now)) {
      due.add(new Extension(d, d.stage == Delivery.Stage.WAITING, lease.until() - now));
      d.extensionWaits = true;
      d.extendAgainAt = now + Lease.patience(d.lane.source().visibility()).toNanos();
    }
    if (d.extensionWaits) {
      return Math.min(lease.until(), d.extendAgainAt);
    }
    return d.extensionsOut > 0 ? Math.min(lease.until(), d.extendAgainAt) : lease.renewAt();
  }

  /**
   * Whether a call is out for so long that another one is sent beside it, while there is time: an
   * answer that is slow, and one that never comes, look alike.
   */
  private static boolean isOverdue(Delivery d, long now) {
    return !d.extensionWaits
        && d.extensionsOut > 0
        && d.extensionsOut < MOST_AT_ONCE
        && now - d.extendAgainAt >= 0;
  }

  private void ranOut(Delivery d, long now) {
    if (d.stage == Delivery.Stage.WAITING) {
      drop(d);
    } else if (d.stage == Delivery.Stage.RUNNING) {
      tell(
          d,
          d.lease.canBeExtended(now)
              ? "its visibility could not be extended in time"
              : "SQS hides a message for 12 h at most");
    }
  }

  /** Those extensions will not be sent after all: the next look finds them due once more. */
  void unmark(List<Extension> due) {
    board.lock();
    try {
      for (Extension extension : due) {
        extension.delivery.extensionWaits = false;
      }
    } finally {
      board.unlock();
    }
  }

  /**
   * Takes the extensions that a call is about to send. Left out are messages that were given back
   * meanwhile, and would be hidden again, and those that others may have by now, and would lose.
   *
   * @param again when to send another call if this one is not answered
   */
  void takeStillToExtend(List<Extension> all, List<Extension> batch, long now, long again) {
    board.lock();
    try {
      board.lookForSuspension(now);
      for (Extension extension : all) {
        Delivery d = extension.delivery;
        boolean waits = d.extensionWaits;
        d.extensionWaits = false;
        // An extension that does not wait any more was taken for lost, and another was sent.
        boolean ours =
            d.stage != Delivery.Stage.GIVING_BACK
                && d.stage != Delivery.Stage.CLOSED
                && !board.leaseOf(d).mayHaveRunOut(now);
        if (waits && ours) {
          batch.add(extension);
          d.extensionsOut++;
          extension.out = true;
          d.extendAgainAt = again;
        }
      }
    } finally {
      board.unlock();
    }
  }

  /**
   * A call was answered, or failed.
   *
   * @param seconds what was asked for, for each
   * @param refused what the answer refused; none if it failed
   * @return when the leases are to be looked at, at the latest
   */
  long answered(
      List<Extension> batch,
      long calledAt,
      List<Integer> seconds,
      List<SqsGateway.Refused> refused,
      boolean failed) {
    long lookBy = Long.MAX_VALUE;
    board.lock();
    try {
      batch.forEach(Leases::callIsBack);
      SqsGateway.@Nullable Refused[] answers = new SqsGateway.@Nullable Refused[batch.size()];
      refused.forEach(r -> answers[r.index()] = r);
      for (int i = 0; i < batch.size(); i++) {
        Extension extension = batch.get(i);
        SqsGateway.Refused why = answers[i];
        if (why != null) {
          refused(extension, why);
        } else {
          settle(extension, calledAt, seconds.get(i), failed);
        }
        lookBy = Math.min(lookBy, extension.delivery.lease.renewAt());
      }
    } finally {
      board.unlock();
    }
    return lookBy;
  }

  /** A call met an error of this library: no extension of it is out any more. */
  void callsAreBack(List<Extension> batch) {
    board.lock();
    try {
      batch.forEach(Leases::callIsBack);
    } finally {
      board.unlock();
    }
  }

  private static void callIsBack(Extension extension) {
    if (extension.out) {
      extension.out = false;
      extension.delivery.extensionsOut--;
    }
  }

  private void settle(Extension extension, long calledAt, int seconds, boolean failed) {
    Delivery d = extension.delivery;
    Lease lease = d.lease;
    if (failed) {
      d.lease = lease.renewingAt(board.clock.nanoTime() + retryIn(lease));
    } else if (extension.receipt.equals(d.receiptHandle)) {
      Lease extended = lease.extended(calledAt, Duration.ofSeconds(seconds));
      if (d.ownExtensionOverAt - calledAt > 0) {
        // The handler's own was under way as well: which of the two SQS took last is not known.
        d.lease = extended.orShorter(lease);
      } else if (calledAt - lease.askedAt() >= 0) {
        // However they are answered, of two calls the one that was sent later says how long; even
        // if that is shorter than what the handler had asked for.
        d.lease = extended;
      }
    }
  }

  /** A third of what is left, so that three more tries fit, a second at most. */
  private long retryIn(Lease lease) {
    long left = lease.until() - board.clock.nanoTime();
    return Math.max(1_000_000, Math.min(Duration.ofSeconds(1).toNanos(), left / 3));
  }

  private void refused(Extension extension, SqsGateway.Refused why) {
    Delivery d = extension.delivery;
    long now = board.clock.nanoTime();
    if (d.stage == Delivery.Stage.CLOSED || !extension.receipt.equals(d.receiptHandle)) {
      return;
    }
    boolean gone = GONE.contains(why.code()) || why.code().contains("InvalidParameterValue");
    if (!gone) {
      d.lease = d.lease.renewingAt(now + retryIn(d.lease));
      return;
    }
    if (d.stage == Delivery.Stage.DELETING) {
      // As a rule deleted already, by a call whose answer is late: nothing is left to extend.
      d.lease = d.lease.renewingAt(d.lease.until());
      return;
    }
    d.lease = d.lease.endedAt(now);
    if (d.stage == Delivery.Stage.WAITING) {
      drop(d);
    } else if (d.stage == Delivery.Stage.RUNNING) {
      tell(d, "SQS says " + why.code());
    }
  }

  /**
   * A handler's own extension is over: the lease is what it asked for, or the shorter of what it
   * may be now.
   *
   * @param receipt the receipt handle that the call used
   * @param before the lease before the call
   * @param asked the lease that the call asked for
   * @param answered whether SQS confirmed the call
   */
  void extendedByHandler(
      Delivery delivery, String receipt, Lease before, Lease asked, boolean answered) {
    board.lock();
    try {
      if (receipt.equals(delivery.receiptHandle)) {
        delivery.ownExtensionOverAt = board.clock.nanoTime();
        // Without an answer it is not known whether SQS took it, and with another extension under
        // way not which of the two SQS took last.
        boolean unsure = !answered || delivery.extensionsOut > 0 || !delivery.lease.equals(before);
        delivery.lease = unsure ? asked.orShorter(delivery.lease) : asked;
      }
    } finally {
      board.unlock();
    }
  }

  // ---- leases that may have run out -----------------------------------------------------------

  /** Drops a message that waits: it will be received again. Under the board's lock. */
  void drop(Delivery waiting) {
    board.assertLocked();
    releaseBehind(waiting);
    board.withdraw(waiting);
    board.close(waiting, Outcome.LEASE_LOST);
    board.tryLater(() -> board.effects.leaseLost(waiting, false, "it waited too long"));
  }

  /**
   * Gives back, in order, the messages of its FIFO group that wait behind it: they would overtake
   * it, and while they stay invisible SQS hands out none of their group. Under the board's lock.
   */
  void releaseBehind(Delivery dropped) {
    board.assertLocked();
    long now = board.clock.nanoTime();
    for (Delivery behind : board.withdrawBehind(dropped)) {
      if (board.leaseOf(behind).mayHaveRunOut(now)) {
        board.close(behind, Outcome.LEASE_LOST);
      } else {
        board.later(() -> board.effects.release(behind, "the one before it was dropped"));
      }
    }
  }

  /** Tells a handler that its message may be with another consumer. Under the board's lock. */
  void tell(Delivery running, String why) {
    board.assertLocked();
    running.loseLease();
    if (!running.leaseLossTold) {
      running.leaseLossTold = true;
      board.tryLater(() -> board.effects.leaseLost(running, true, why));
    }
  }
}
