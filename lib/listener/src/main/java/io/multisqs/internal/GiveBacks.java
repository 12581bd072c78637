package io.multisqs.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Gives messages back to SQS: after a failure with the delay of the retry policy, unhandled ones at
 * once. In batches, on threads of its own. What cannot be given back returns by itself when its
 * visibility timeout runs out.
 */
final class GiveBacks {
  private static final Log log = Log.of("io.multisqs.GiveBacks");

  static final int MAX_CALLS = 16;

  private static final int MAX_TRIES = 4;

  /** Siblings fail together; this much lets them share a call. */
  private static final long LINGER = 20_000_000L;

  private static final long RETRY_AFTER = 250_000_000L;

  private static final class Item {
    final Delivery delivery;
    final int seconds;
    final String reason;
    int tries;

    Item(Delivery delivery, int seconds, String reason) {
      this.delivery = delivery;
      this.seconds = seconds;
      this.reason = reason;
    }
  }

  private final Board board;
  private final Events events;
  private final BatchCalls<Item> calls;
  private volatile boolean hurried;

  GiveBacks(Board board, Events events, Consumer<Runnable> startThread) {
    this.board = board;
    this.events = events;
    this.calls = new BatchCalls<>(board.clock, MAX_CALLS, startThread, this::send);
  }

  /** A failed message, to be visible again after some seconds. Not under the board's lock. */
  void retry(Delivery delivery, int seconds) {
    add(new Item(delivery, seconds, "retry"));
  }

  /** A message that was not started, to be visible at once. Not under the board's lock. */
  void release(Delivery delivery, String reason) {
    add(new Item(delivery, 0, reason));
  }

  private void add(Item item) {
    calls.add(item.delivery.lane, item, 10, LINGER);
    item.delivery.handedOver = true;
  }

  private void send(Lane lane, List<Item> batch) {
    List<Item> current = current(batch);
    if (current.isEmpty()) {
      return;
    }
    List<String> receipts = current.stream().map(i -> i.delivery.receiptHandle).toList();
    long now = board.clock.nanoTime();
    // SQS hides a message 12 h in all, and refuses a longer delay than is left of them.
    List<Integer> seconds =
        current.stream()
            .map(i -> Math.min(i.seconds, i.delivery.lease.extension(now, Lease.LIMIT)))
            .toList();
    List<Item> failed = new ArrayList<>(0);
    List<Item> hopeless = new ArrayList<>(0);
    try {
      for (var refused :
          lane.source().gateway().changeVisibility(lane.source().url(), receipts, seconds)) {
        Item item = current.get(refused.index());
        ("ReceiptHandleIsInvalid".equals(refused.code()) ? hopeless : failed).add(item);
        noteFailure(lane, refused.code(), refused.text());
      }
      noteRoundTrip(lane, board.clock.nanoTime() - now);
      if (failed.isEmpty() && hopeless.isEmpty()) {
        lane.giveBackFailureLog.succeeded();
      }
    } catch (Throwable e) {
      failed.addAll(current);
      noteFailure(lane, e.getClass().getSimpleName(), e);
    }
    List<Item> done = new ArrayList<>(current);
    done.removeAll(failed);
    done.removeAll(hopeless);
    close(done);
    done.forEach(this::tell);
    close(hopeless);
    tryAgain(failed);
  }

  /**
   * A few times; while the listener stops, to its deadline, as its account tells what was given
   * back.
   */
  private void tryAgain(List<Item> failed) {
    List<Item> over = new ArrayList<>(0);
    for (Item item : failed) {
      if (++item.tries < MAX_TRIES || hurried) {
        long wait = RETRY_AFTER << Math.min(item.tries, MAX_TRIES);
        calls.addAfter(item.delivery.lane, item, wait);
      } else {
        over.add(item);
      }
    }
    close(over);
  }

  /**
   * Those that are still this process's. One whose lease ran out may have been received again, here
   * or elsewhere: giving it back now would take it from who has it.
   */
  private List<Item> current(List<Item> batch) {
    List<Item> current = new ArrayList<>(batch.size());
    List<Item> gone = new ArrayList<>(0);
    List<Item> wait = new ArrayList<>(0);
    long now = board.clock.nanoTime();
    board.lock();
    try {
      board.lookForSuspension(now);
      for (Item item : batch) {
        Delivery d = item.delivery;
        if (d.stage == Delivery.Stage.CLOSED || board.leaseOf(d).mayHaveRunOut(now)) {
          gone.add(item);
        } else {
          // An extension that is under way must not come after it, and hide the message again.
          (d.extensionsOut > 0 ? wait : current).add(item);
        }
      }
    } finally {
      board.unlock();
    }
    close(gone);
    wait.forEach(item -> calls.addAfter(item.delivery.lane, item, LINGER));
    return current;
  }

  private void close(List<Item> over) {
    board.lock();
    try {
      over.forEach(item -> board.close(item.delivery, item.delivery.outcome));
    } finally {
      board.unlock();
    }
  }

  private void tell(Item item) {
    if (item.delivery.outcome == Outcome.RELEASED) {
      events.released(item.delivery.message, item.reason);
    }
  }

  private void noteRoundTrip(Lane lane, long took) {
    board.lock();
    try {
      board.receiving.callTook(lane, took);
    } finally {
      board.unlock();
    }
  }

  private void noteFailure(Lane lane, String code, Object text) {
    if (lane.giveBackFailureLog.isNew(code)) {
      log.warn(
          "giving messages of {} back failed ({}: {}); tried {} times, then they return when their"
              + " visibility timeout runs out; logged once",
          lane,
          code,
          text,
          MAX_TRIES);
    }
  }

  /** From now on nothing lingers, and nothing is given up: a stop waits. */
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
