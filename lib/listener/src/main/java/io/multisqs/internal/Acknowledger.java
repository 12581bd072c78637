package io.multisqs.internal;

import io.multisqs.Deletes;
import io.multisqs.ListenerClock;
import io.multisqs.ReceivedMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Deletes what was handled: in batches, with retries for what fails, on threads of its own, so that
 * no poller and no handler waits for a delete (I9). What cannot be deleted is remembered, and
 * deleted when it returns (I10).
 */
final class Acknowledger {
  private static final Log log = Log.of("io.multisqs.Acknowledger");

  private static final int LEAST_CALLS = 32;

  private static final long FIRST_RETRY = 200_000_000L;
  private static final long LONGEST_RETRY = 10_000_000_000L;

  /** After the lease: whoever receives it first does the work again, so this one hurries. */
  private static final long LONGEST_RETRY_AFTER_LEASE = 1_000_000_000L;

  /**
   * For so long after its lease a delete is tried again: a standard queue's receipt works until the
   * next receive, and an outage may end. Bounded, as nothing else bounds what is kept for it.
   */
  private static final long TRIED_AFTER_LEASE = Duration.ofMinutes(5).toNanos();

  /** Entry errors that no retry mends: SQS knows the receipt no more. */
  private static final Set<String> FINAL =
      Set.of("ReceiptHandleIsInvalid", "InvalidParameterValue", "MessageNotInflight");

  /** Those that a server answers where the message is deleted already. */
  private static final Set<String> GONE = Set.of("ReceiptHandleIsInvalid", "MessageNotInflight");

  /** Used by one thread at a time, as it goes from call to call. */
  private static final class Item {
    final Delivery delivery;
    int tries;
    String receipt = "";

    /** The receipt of a call that was not answered, and may have had its effect. */
    String unanswered = "";

    Item(Delivery delivery) {
      this.delivery = delivery;
    }
  }

  private final ListenerClock clock;
  private final Departures departures;
  private final Events events;
  private final BatchCalls<Item> calls;
  private final Consumer<Delivery> release;

  /** Set once, when a stop waits: nothing is tried after its lease then. */
  private volatile boolean hurried;

  /**
   * An acknowledger without threads yet.
   *
   * @param release gives back those of a FIFO group that must not start any more
   */
  Acknowledger(
      Board board, Events events, Consumer<Delivery> release, Consumer<Runnable> startThread) {
    this.clock = board.clock;
    this.departures = board.departures;
    this.events = events;
    this.release = release;
    this.calls = new BatchCalls<>(clock, maxCalls(board), startThread, this::send);
  }

  /**
   * Deletes under way at once: 32 are 20,000 messages a second at 15 ms each; as many as one queue
   * may have receives, if that is more, as ten messages that came with one call leave with one.
   */
  static int maxCalls(Board board) {
    int receives = board.lanes.stream().mapToInt(lane -> lane.maxPollers).max().orElse(0);
    return Math.max(Math.max(LEAST_CALLS, receives), board.slots.all() / 10);
  }

  /** Takes over a message that is done with. Not under the board's lock. */
  void add(Delivery delivery, boolean othersWait) {
    Deletes deletes = delivery.lane.config.deletes();
    // The next of a FIFO group starts only once this delete is confirmed: it must not linger.
    long linger = othersWait ? 0 : deletes.linger().toNanos();
    calls.add(delivery.lane, new Item(delivery), deletes.batchSize(), linger);
    delivery.handOver();
  }

  private void send(Lane lane, List<Item> batch) {
    List<String> receipts = new ArrayList<>(batch.size());
    for (Item item : batch) {
      item.receipt = item.delivery.receiptHandle;
      receipts.add(item.receipt);
    }
    List<SqsGateway.Refused> refused;
    long calledAt = clock.nanoTime();
    long took = Long.MAX_VALUE;
    try {
      refused = lane.source().gateway().delete(lane.source().url(), receipts);
      took = clock.nanoTime() - calledAt;
      if (refused.isEmpty() && lane.deleteFailureLog.succeeded()) {
        log.info("deletes of {} succeed again, and have for a minute", lane);
      }
    } catch (Throwable e) {
      refused = new ArrayList<>();
      for (int i = 0; i < batch.size(); i++) {
        refused.add(new SqsGateway.Refused(i, e.getClass().getSimpleName(), "" + e.getMessage()));
        batch.get(i).unanswered = batch.get(i).receipt;
      }
    }
    settle(lane, batch, refused, took);
  }

  private void settle(
      Lane lane, List<Item> batch, List<SqsGateway.Refused> refused, long callTook) {
    long now = clock.nanoTime();
    Set<Integer> failed = new HashSet<>();
    for (SqsGateway.Refused r : refused) {
      if (!isDeletedAlready(batch.get(r.index()), r, now)) {
        failed.add(r.index());
        failed(lane, batch.get(r.index()), r);
      }
    }
    List<Item> confirmed = new ArrayList<>(batch.size());
    List<Delivery> deliveries = new ArrayList<>(batch.size());
    List<String> receipts = new ArrayList<>(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      Item item = batch.get(i);
      if (!failed.contains(i)) {
        confirmed.add(item);
        deliveries.add(item.delivery);
        receipts.add(item.receipt);
      }
    }
    List<ReceivedMessage> deleted = new ArrayList<>(batch.size());
    List<Item> again = new ArrayList<>(0);
    List<Delivery> late = new ArrayList<>(0);
    List<Departures.Deleted> results =
        departures.deletesAnswered(lane, callTook, deliveries, receipts, now);
    for (int i = 0; i < results.size(); i++) {
      switch (results.get(i)) {
        case SURELY -> deleted.add(deliveries.get(i).message);
        case RECEIVED_AGAIN -> again.add(confirmed.get(i));
        case LATE -> late.add(deliveries.get(i));
      }
    }
    again.forEach(item -> calls.add(lane, item, 1, 0));
    deleted.forEach(events::deleted);
    late.forEach(this::cameLate);
  }

  /**
   * Whether the server refuses what an earlier call deleted whose answer was lost: while the lease
   * holds nobody else can have received it, so nothing else made its receipt invalid.
   */
  private static boolean isDeletedAlready(Item item, SqsGateway.Refused why, long now) {
    return GONE.contains(why.code())
        && item.receipt.equals(item.unanswered)
        && item.receipt.equals(item.delivery.receiptHandle)
        && !item.delivery.lease.mayHaveRunOut(now);
  }

  /** Deleted, unless another consumer had received it by then, which nobody tells. */
  private void cameLate(Delivery d) {
    giveUp(d);
    events.deleteFailed(
        d.message,
        "SQS answered when its visibility timeout may have run out: if another consumer has"
            + " received it by then, it is not deleted");
  }

  private void failed(Lane lane, Item item, SqsGateway.Refused why) {
    if (lane.deleteFailureLog.isNew(why.code())) {
      log.warn(
          "delete of {} failed ({}: {}); tried again until {} s after its visibility timeout, and"
              + " deleted when it returns; logged once",
          item.delivery.message,
          why.code(),
          why.text(),
          Duration.ofNanos(TRIED_AFTER_LEASE).toSeconds());
    }
    events.deleteFailed(item.delivery.message, why.code() + ": " + why.text());
    boolean newReceipt = !item.receipt.equals(item.delivery.receiptHandle);
    long now = clock.nanoTime();
    boolean leaseOver = item.delivery.lease.mayHaveRunOut(now);
    // A FIFO queue's receipt ends with the visibility timeout.
    boolean mayStillWork =
        !leaseOver
            || (!lane.isFifo()
                && !hurried
                && now - item.delivery.lease.until() < TRIED_AFTER_LEASE);
    if ((FINAL.contains(why.code()) || !mayStillWork) && !newReceipt) {
      giveUp(item.delivery);
      return;
    }
    long longest = leaseOver ? LONGEST_RETRY_AFTER_LEASE : LONGEST_RETRY;
    long wait = Math.min(longest, FIRST_RETRY << Math.min(10, item.tries++));
    calls.addAfter(lane, item, newReceipt ? 0 : wait);
  }

  /** SQS does not confirm its delete: it is remembered, and deleted when it returns. */
  private void giveUp(Delivery d) {
    departures.deleteGivenUp(d).forEach(release);
  }

  /** From now on nothing lingers. */
  void hurry() {
    hurried = true;
    calls.hurry();
  }

  /** From now on no more than so many calls are under way at once. */
  void limitCalls(int most) {
    calls.limitThreads(most);
  }

  /** See {@link BatchCalls#lookAgain}. */
  void lookAgain() {
    calls.lookAgain();
  }

  /** No more calls. */
  void end() {
    calls.end();
  }

  int step() {
    return calls.step();
  }
}
