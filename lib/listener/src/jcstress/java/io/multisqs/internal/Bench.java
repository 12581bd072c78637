package io.multisqs.internal;

import io.multisqs.Deletes;
import io.multisqs.ListenerOptions;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/** The small parts of a listener with one queue and no threads, for actors to work on. */
final class Bench {
  final Board board;
  final Lane lane;

  final Wiring parts;

  Bench(boolean fifo) {
    SqsListenerConfig config =
        SqsListenerConfig.builder(fifo ? "queue.fifo" : "queue")
            .prefetch(10)
            .deletes(Deletes.immediate())
            .build();
    ListenerOptions options =
        ListenerOptions.builder()
            .concurrency(2)
            .priorityHold(Duration.ZERO)
            .bufferBytes(1 << 20)
            .build();
    parts = new Wiring(List.of(config), options, (queue, bus, priority, message) -> {}, NO_THREADS);
    board = parts.board;
    lane = board.lanes.get(0);
    board.receiving.found(
        lane, new Source("url", "arn", "region", new SqsGateway(new Willing()), HOUR, 1, null, 0));
    board.open();
  }

  /** Starts no thread: actors are the threads. */
  private static final Wiring.Host NO_THREADS =
      new Wiring.Host() {
        @Override
        public void startPoller(Lane lane, QueuePoller poller) {}

        @Override
        public void startCall(String what, Runnable work) {}

        @Override
        public void queueAppeared() {}
      };

  private static final Duration HOUR = Duration.ofHours(1);

  /** Says that everything succeeded. */
  private static final class Willing implements SqsClient {
    @Override
    public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
      return DeleteMessageBatchResponse.builder()
          .successful(
              request.entries().stream()
                  .map(
                      e ->
                          software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResultEntry
                              .builder()
                              .id(e.id())
                              .build())
                  .toList())
          .build();
    }

    @Override
    public ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
        ChangeMessageVisibilityBatchRequest request) {
      return ChangeMessageVisibilityBatchResponse.builder()
          .successful(
              request.entries().stream()
                  .map(
                      e ->
                          software.amazon.awssdk.services.sqs.model
                              .ChangeMessageVisibilityBatchResultEntry.builder()
                              .id(e.id())
                              .build())
                  .toList())
          .build();
    }

    @Override
    public String serviceName() {
      return "sqs";
    }

    @Override
    public void close() {}
  }

  void locked(Runnable work) {
    board.lock();
    try {
      work.run();
    } finally {
      board.unlock();
    }
  }

  /** A message that is not on the board yet. */
  Delivery message(String id, int priority) {
    long now = System.nanoTime();
    Message message =
        Message.builder()
            .messageId(id)
            .receiptHandle("receipt-" + id)
            .body(id)
            .attributes(Map.of(MessageSystemAttributeName.MESSAGE_GROUP_ID, "group"))
            .build();
    Delivery delivery = new Delivery(lane, message, Lease.received(now, HOUR), now, null);
    delivery.priority = priority;
    delivery.ownPriority = true;
    return delivery;
  }

  /** A message that waits in its bus, or behind its group's head. */
  Delivery entered(String id, int priority) {
    Delivery delivery = message(id, priority);
    locked(() -> board.enter(delivery, System.nanoTime()));
    return delivery;
  }

  /** Starts the best; null if there is none. */
  Delivery startBest() {
    Delivery[] started = {null};
    locked(
        () -> {
          long now = System.nanoTime();
          started[0] = board.choice.best(now);
          if (started[0] != null) {
            board.start(started[0], now);
          }
        });
    return started[0];
  }

  /** Frees its slot and closes it. */
  void finish(Delivery delivery) {
    locked(
        () -> {
          board.finishing.handled(delivery, System.nanoTime(), null);
          board.close(delivery, Outcome.HANDLED);
        });
  }

  /** What is on the books: credits asked for, waiting, bytes, slots, messages here. */
  String books() {
    String[] books = {""};
    locked(
        () ->
            books[0] =
                lane.credits.requested()
                    + " "
                    + lane.credits.waiting()
                    + " "
                    + board.bytes.used()
                    + " "
                    + board.slots.inUse()
                    + " "
                    + lane.here.size());
    return books[0];
  }
}
