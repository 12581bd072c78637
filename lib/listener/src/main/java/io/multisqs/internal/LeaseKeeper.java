package io.multisqs.internal;

import io.multisqs.ListenerClock;
import io.multisqs.internal.Leases.Extension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Extends the visibility of whatever waits, runs, or awaits its delete, ten messages a call, when
 * half of it is over (I7). It looks at all messages now and then, so that a message which is done
 * before costs nothing. What to extend, and what an answer means, is decided by {@link Leases}.
 */
final class LeaseKeeper {
  private static final Log log = Log.of("io.multisqs.LeaseKeeper");

  static final int MAX_CALLS = 16;

  private static final long AFTER_A_DEFECT = Duration.ofSeconds(1).toNanos();

  private final ListenerClock clock;
  private final Leases leases;
  private final BatchCalls<Extension> calls;
  private final LongConsumer lookBy;

  /**
   * A keeper without threads yet.
   *
   * @param lookBy asks for the next {@link #step(long)} not to be after a time
   */
  LeaseKeeper(Board board, LongConsumer lookBy, Consumer<Runnable> startThread) {
    this.clock = board.clock;
    this.leases = board.leases;
    this.lookBy = lookBy;
    this.calls = new BatchCalls<>(clock, MAX_CALLS, startThread, this::send);
  }

  /** Hands over the messages that are due; returns when to look again. */
  long step(long now) {
    List<Extension> due = new ArrayList<>();
    try {
      long next = leases.findDue(now, due);
      // What runs has most to lose, then what ends first.
      due.sort(
          Comparator.<Extension>comparingInt(e -> e.waits ? 1 : 0).thenComparingLong(e -> e.left));
      calls.addAll(due, extension -> extension.delivery.lane, 10);
      return Math.max(next, now + 1_000_000);
    } catch (Throwable e) {
      leases.unmark(due);
      throw e;
    }
  }

  private void send(Lane lane, List<Extension> all) {
    Duration visibility = lane.source().visibility();
    List<Extension> batch = new ArrayList<>(all.size());
    long now = clock.nanoTime();
    long again = now + Lease.patience(visibility).toNanos();
    leases.takeStillToExtend(all, batch, now, again);
    lookBy.accept(again);
    if (batch.isEmpty()) {
      return;
    }
    boolean settled = false;
    try {
      long calledAt = clock.nanoTime();
      List<String> receipts = batch.stream().map(e -> e.receipt).toList();
      List<Integer> seconds =
          batch.stream().map(e -> e.delivery.lease.extension(calledAt, visibility)).toList();
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
      lookBy.accept(leases.answered(batch, calledAt, seconds, refused, failure != null));
      settled = true;
      if (failure == null && refused.isEmpty()) {
        lane.leaseFailureLog.succeeded();
      }
    } finally {
      if (!settled) {
        // A defect, or no memory: nobody must take this call for one that is still out.
        leases.callsAreBack(batch);
        lookBy.accept(clock.nanoTime() + AFTER_A_DEFECT);
      }
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
