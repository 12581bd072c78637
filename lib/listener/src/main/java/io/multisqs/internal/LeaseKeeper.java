package io.multisqs.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Extends the visibility of whatever waits, runs, or awaits its delete, ten messages a call, when
 * half of it is over (I7). It looks at all messages now and then, so that one which is done before
 * costs nothing.
 */
final class LeaseKeeper {
  private static final Log log = Log.of("io.multisqs.LeaseKeeper");

  static final int MAX_CALLS = 16;

  /** Calls for one message that may be out together. */
  private static final int MOST_AT_ONCE = 3;

  /** Messages that are due within this are extended together with those that are due now. */
  private static final long TOGETHER = Duration.ofMillis(500).toNanos();

  private static final long AFTER_A_DEFECT = Duration.ofSeconds(1).toNanos();

  /** Entry errors that say that the message is no longer ours. */
  private static final Set<String> GONE = Set.of("MessageNotInflight", "ReceiptHandleIsInvalid");

  /** What is to be extended; with its order as it was found, since a lease changes any time. */
  private record Item(Delivery delivery, String receipt, boolean waits, long left) {}

  private final Board board;
  private final LostLeases lostLeases;
  private final BatchCalls<Item> calls;
  private final LongConsumer lookBy;

  /**
   * A keeper without threads yet.
   *
   * @param lookBy asks for the next {@link #step(long)} not to be after a time
   */
  LeaseKeeper(
      Board board, LostLeases lostLeases, LongConsumer lookBy, Consumer<Runnable> startThread) {
    this.lookBy = lookBy;
    this.board = board;
    this.lostLeases = lostLeases;
    this.calls = new BatchCalls<>(board.clock, MAX_CALLS, startThread, this::send);
  }

  /** Hands over what is due, drops what ran out; returns when to look again. */
  long step(long now) {
    List<Item> due = new ArrayList<>();
    try {
      long next = find(now, due);
      // What runs has most to lose, then what ends first.
      due.sort(Comparator.<Item>comparingInt(i -> i.waits ? 1 : 0).thenComparingLong(Item::left));
      calls.addAll(due, item -> item.delivery.lane, 10);
      return Math.max(next, now + 1_000_000);
    } catch (Throwable e) {
      unmark(due); // Whatever it was: the next look finds them due once more.
      throw e;
    }
  }

  private void unmark(List<Item> due) {
    board.lock();
    try {
      for (Item item : due) {
        item.delivery.extensionWaits = false;
      }
    } finally {
      board.unlock();
    }
  }

  private long find(long now, List<Item> due) {
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

  /** Under the board's lock. */
  private long look(Delivery d, long now, List<Item> due) {
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
      lostLeases.tell(d, "its visibility was extended late");
    }
    boolean extend = d.lane.config.extendLeases() && lease.canBeExtended(now);
    if (!extend) {
      return lease.until();
    }
    // One that was not sent for so long may have been lost with its thread.
    if (d.extensionWaits && now - d.extendAgainAt >= 0) {
      d.extensionWaits = false;
    }
    boolean none = !d.extensionWaits && d.extensionsOut == 0;
    boolean isDue = none && lease.renewAt() - now <= TOGETHER / 2;
    if (isDue || isOverdue(d, now)) {
      boolean waits = d.stage == Delivery.Stage.WAITING;
      due.add(new Item(d, d.receiptHandle, waits, lease.until() - now));
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
      lostLeases.drop(d);
    } else if (d.stage == Delivery.Stage.RUNNING) {
      lostLeases.tell(
          d,
          d.lease.canBeExtended(now)
              ? "its visibility could not be extended in time"
              : "SQS hides a message for 12 h at most");
    }
  }

  private void send(Lane lane, List<Item> all) {
    List<Item> batch = new ArrayList<>(all.size());
    takeStillToExtend(all, batch);
    if (batch.isEmpty()) {
      return;
    }
    boolean back = false;
    try {
      long calledAt = board.clock.nanoTime();
      List<String> receipts = batch.stream().map(Item::receipt).toList();
      List<Integer> seconds =
          batch.stream()
              .map(i -> i.delivery.lease.extension(calledAt, lane.source().visibility()))
              .toList();
      List<SqsGateway.Refused> refused = List.of();
      Throwable failure = null;
      try {
        refused = lane.source().gateway().changeVisibility(lane.source().url(), receipts, seconds);
      } catch (Throwable e) {
        failure = e;
        if (lane.leaseFailureLog.isNew(e)) {
          log.warn(
              "extending the visibility of messages of {} failed, tried again while it lasts;"
                  + " logged once for its kind",
              lane,
              e);
        }
      }
      board.lock();
      try {
        callIsBack(batch);
        back = true;
        SqsGateway.@Nullable Refused[] answers = new SqsGateway.@Nullable Refused[batch.size()];
        refused.forEach(r -> answers[r.index()] = r);
        for (int i = 0; i < batch.size(); i++) {
          SqsGateway.Refused why = answers[i];
          if (why != null) {
            refused(batch.get(i), why);
          } else {
            settle(batch.get(i), calledAt, seconds.get(i), failure != null);
          }
          lookBy.accept(batch.get(i).delivery.lease.renewAt());
        }
        if (failure == null && refused.isEmpty()) {
          lane.leaseFailureLog.succeeded();
        }
      } finally {
        board.unlock();
      }
    } finally {
      if (!back) {
        // A defect, or no memory: nobody must take this call for one that is still out.
        board.lock();
        try {
          callIsBack(batch);
        } finally {
          board.unlock();
        }
        lookBy.accept(board.clock.nanoTime() + AFTER_A_DEFECT);
      }
    }
  }

  private static void callIsBack(List<Item> batch) {
    for (Item item : batch) {
      item.delivery.extensionsOut--;
    }
  }

  /**
   * Without those that were given back meanwhile, and would be hidden again; nor those that others
   * may have by now, and would lose.
   */
  private void takeStillToExtend(List<Item> all, List<Item> batch) {
    Duration visibility = all.get(0).delivery.lane.source().visibility();
    long now = board.clock.nanoTime();
    long again = now + Lease.patience(visibility).toNanos();
    board.lock();
    try {
      board.lookForSuspension(now);
      for (Item item : all) {
        Delivery d = item.delivery;
        boolean waits = d.extensionWaits;
        d.extensionWaits = false;
        // One that does not wait any more was taken for lost, and another went out in its place.
        boolean ours =
            d.stage != Delivery.Stage.GIVING_BACK
                && d.stage != Delivery.Stage.CLOSED
                && !board.leaseOf(d).mayHaveRunOut(now);
        if (waits && ours) {
          d.extensionsOut++;
          d.extendAgainAt = again;
          batch.add(item);
        }
      }
    } finally {
      board.unlock();
    }
    lookBy.accept(again);
  }

  private void settle(Item item, long calledAt, int seconds, boolean failed) {
    Delivery d = item.delivery;
    Lease lease = d.lease;
    if (failed) {
      d.lease = lease.renewingAt(board.clock.nanoTime() + retryIn(lease));
    } else if (item.receipt.equals(d.receiptHandle)) {
      Lease extended = lease.extended(calledAt, Duration.ofSeconds(seconds));
      if (d.ownExtensionOverAt - calledAt > 0) {
        // The handler's own was under way as well: which of the two SQS took last is not known.
        d.lease = extended.orShorter(lease);
      } else if (calledAt - lease.askedAt() >= 0) {
        // However they are answered, of two the one sent later says how long; even if that is
        // shorter than what the handler had asked for.
        d.lease = extended;
      }
    }
  }

  /** A third of what is left, so that three more tries fit, a second at most. */
  private long retryIn(Lease lease) {
    long left = lease.until() - board.clock.nanoTime();
    return Math.max(1_000_000, Math.min(Duration.ofSeconds(1).toNanos(), left / 3));
  }

  private void refused(Item item, SqsGateway.Refused why) {
    Delivery d = item.delivery;
    long now = board.clock.nanoTime();
    if (d.stage == Delivery.Stage.CLOSED || !item.receipt.equals(d.receiptHandle)) {
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
      lostLeases.drop(d);
    } else if (d.stage == Delivery.Stage.RUNNING) {
      lostLeases.tell(d, "SQS says " + why.code());
    }
  }

  /** From now on no more than so many calls are under way at once. */
  void limitCalls(int most) {
    calls.limitThreads(most);
  }

  /** No more calls. */
  void end() {
    calls.end();
  }

  int step() {
    return calls.step();
  }

  /** How many extensions wait to be sent. For tests. */
  int pending() {
    return calls.pending();
  }
}
