package io.multisqs.internal;

import io.multisqs.Deletes;
import io.multisqs.ReceivedMessage;
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

  /** Entry errors that no retry mends: SQS knows the receipt no more. */
  private static final Set<String> FINAL =
      Set.of("ReceiptHandleIsInvalid", "InvalidParameterValue", "MessageNotInflight");

  private static final class Item {
    final Delivery delivery;
    int tries;
    String receipt = "";

    Item(Delivery delivery) {
      this.delivery = delivery;
    }
  }

  private final Board board;
  private final Events events;
  private final BatchCalls<Item> calls;
  private final Consumer<Delivery> release;

  /**
   * An acknowledger without threads yet.
   *
   * @param release gives back those of a FIFO group that must not start any more
   */
  Acknowledger(
      Board board, Events events, Consumer<Delivery> release, Consumer<Runnable> startThread) {
    this.board = board;
    this.events = events;
    this.release = release;
    this.calls = new BatchCalls<>(board.clock, maxCalls(board), startThread, this::send);
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
  }

  private void send(Lane lane, List<Item> batch) {
    List<String> receipts = new ArrayList<>(batch.size());
    for (Item item : batch) {
      item.receipt = item.delivery.receiptHandle;
      receipts.add(item.receipt);
    }
    List<SqsGateway.Refused> refused;
    long calledAt = board.clock.nanoTime();
    long took = Long.MAX_VALUE;
    try {
      refused = lane.source().gateway().delete(lane.source().url(), receipts);
      took = board.clock.nanoTime() - calledAt;
      if (refused.isEmpty() && lane.deleteFailureLog.succeeded()) {
        log.info("deletes of {} succeed again, and have for a minute", lane);
      }
    } catch (Throwable e) {
      refused = new ArrayList<>();
      for (int i = 0; i < batch.size(); i++) {
        refused.add(new SqsGateway.Refused(i, e.getClass().getSimpleName(), "" + e.getMessage()));
      }
    }
    settle(lane, batch, refused, took);
  }

  private void settle(
      Lane lane, List<Item> batch, List<SqsGateway.Refused> refused, long callTook) {
    Set<Integer> failed = new HashSet<>();
    for (SqsGateway.Refused r : refused) {
      failed.add(r.index());
      failed(lane, batch.get(r.index()), r);
    }
    List<ReceivedMessage> deleted = new ArrayList<>(batch.size());
    List<Item> again = new ArrayList<>(0);
    board.lock();
    try {
      if (callTook != Long.MAX_VALUE) {
        board.receiving.callTook(lane, callTook); // a call that failed tells nothing of the way
      }
      for (int i = 0; i < batch.size(); i++) {
        Item item = batch.get(i);
        if (failed.contains(i)) {
          continue;
        }
        if (!item.receipt.equals(item.delivery.receiptHandle)) {
          // It was received again meanwhile: only the newest receipt surely deletes it.
          again.add(item);
          continue;
        }
        board.handledHere.remember(item.delivery, true);
        board.close(item.delivery, item.delivery.outcome);
        deleted.add(item.delivery.message);
      }
    } finally {
      board.unlock();
    }
    again.forEach(item -> calls.add(lane, item, 1, 0));
    deleted.forEach(events::deleted);
  }

  private void failed(Lane lane, Item item, SqsGateway.Refused why) {
    if (lane.deleteFailureLog.isNew(why.code())) {
      log.warn(
          "delete of {} failed ({}: {}); tried again while it stays invisible, and deleted when it"
              + " returns; logged once",
          item.delivery.message,
          why.code(),
          why.text());
    }
    events.deleteFailed(item.delivery.message, why.code() + ": " + why.text());
    boolean newReceipt = !item.receipt.equals(item.delivery.receiptHandle);
    boolean hopeless =
        FINAL.contains(why.code()) || item.delivery.lease.mayHaveRunOut(board.clock.nanoTime());
    if (hopeless && !newReceipt) {
      giveUp(item.delivery);
      return;
    }
    long wait = Math.min(LONGEST_RETRY, FIRST_RETRY << Math.min(10, item.tries++));
    calls.addAfter(lane, item, newReceipt ? 0 : wait);
  }

  /** Its delete is hopeless: it is remembered, and deleted when it returns. */
  private void giveUp(Delivery d) {
    List<Delivery> behind;
    board.lock();
    try {
      boolean handled = d.outcome == Outcome.HANDLED;
      board.handledHere.remember(d, !handled);
      // SQS still has it: those of its FIFO group would now overtake it.
      behind = board.withdrawBehind(d);
      board.close(d, handled ? Outcome.UNCONFIRMED : d.outcome);
    } finally {
      board.unlock();
    }
    behind.forEach(release);
  }

  /** From now on nothing lingers. */
  void hurry() {
    calls.hurry();
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
}
