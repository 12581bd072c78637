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

  static final int MAX_CALLS = 4;

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
    List<Item> again = new ArrayList<>(0);
    try {
      boolean failed = false;
      for (var refused :
          lane.source().gateway().changeVisibility(lane.source().url(), receipts, seconds)) {
        Item item = current.get(refused.index());
        item.tries++;
        if (item.tries < MAX_TRIES && !"ReceiptHandleIsInvalid".equals(refused.code())) {
          again.add(item);
        }
        noteFailure(lane, refused.code(), refused.text());
        failed = true;
      }
      noteRoundTrip(lane, board.clock.nanoTime() - now);
      if (!failed) {
        lane.giveBackFailureLog.succeeded();
      }
    } catch (RuntimeException | Error e) {
      noteFailure(lane, e.getClass().getSimpleName(), String.valueOf(e.getMessage()));
      current.stream().filter(i -> ++i.tries < MAX_TRIES).forEach(again::add);
    }
    settle(current, again);
    again.forEach(item -> calls.addAfter(lane, item, RETRY_AFTER << item.tries));
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
      for (Item item : batch) {
        Delivery d = item.delivery;
        if (d.stage == Delivery.Stage.CLOSED || d.lease.mayHaveRunOut(now)) {
          gone.add(item);
        } else {
          // An extension that is under way must not come after it, and hide the message again.
          (d.extending ? wait : current).add(item);
        }
      }
    } finally {
      board.unlock();
    }
    settle(gone, List.of());
    wait.forEach(item -> calls.addAfter(item.delivery.lane, item, LINGER));
    return current;
  }

  private void settle(List<Item> sent, List<Item> again) {
    board.lock();
    try {
      for (Item item : sent) {
        if (!again.contains(item)) {
          board.close(item.delivery, item.delivery.outcome);
        }
      }
    } finally {
      board.unlock();
    }
    for (Item item : sent) {
      if (item.delivery.outcome == Outcome.RELEASED && !again.contains(item)) {
        events.released(item.delivery.message, item.reason);
      }
    }
  }

  private void noteRoundTrip(Lane lane, long took) {
    board.lock();
    try {
      lane.heat.sample(took);
    } finally {
      board.unlock();
    }
  }

  private void noteFailure(Lane lane, String code, String text) {
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

  void hurry() {
    calls.hurry();
  }

  /** No more calls. */
  void end() {
    calls.end();
  }

  int step() {
    return calls.step();
  }
}
