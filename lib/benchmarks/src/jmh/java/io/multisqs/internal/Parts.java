package io.multisqs.internal;

import io.multisqs.BusOptions;
import io.multisqs.ListenerClock;
import io.multisqs.ListenerEvents;
import io.multisqs.PriorityPolicy;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResultEntry;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * The small parts of a listener that is open, without threads and without a server, for benchmarks
 * to work on. All queues feed one bus; the first has the lowest priority.
 */
final class Parts {
  static final Events SILENT = new Events(ListenerEvents.NONE, Runnable::run);

  private static final Duration HOUR = Duration.ofHours(1);

  final EventBus bus = new EventBus("bus", BusOptions.DEFAULT);
  final SqsGateway gateway = new SqsGateway(new Willing());
  final Board board;
  final Lane lane;

  Parts(int queues, int slots, int prefetch) {
    board =
        new Board(
            ListenerClock.SYSTEM,
            List.of(bus),
            slots,
            Ranking.of(PriorityPolicy.strict(), 0),
            // A queue with a receive under way counts as empty at once, as an idle one does.
            new PriorityHold(Optional.of(Duration.ZERO)),
            new ByteBudget(1 << 30),
            started -> {});
    for (int i = 0; i < queues; i++) {
      SqsListenerConfig config =
          SqsListenerConfig.builder("queue" + i).priority(i + 1).prefetch(prefetch).build();
      Lane made = new Lane(config, bus, slots, board.newCondition(), board.clock);
      // As if all its pollers were out, so that none is started.
      made.pollers = made.maxPollers;
      board.lanes.add(made);
      made.found(new Source("url" + i, "arn" + i, "region", gateway, HOUR, 1 << 10, null, 0));
      made.heat.sample(15_000_000, 0);
    }
    lane = board.lanes.get(0);
    board.lock();
    try {
      board.open();
    } finally {
      board.unlock();
    }
  }

  /** A message of the first queue that is not on the board yet, with a priority of its own. */
  Delivery message(int id) {
    long now = System.nanoTime();
    Message message =
        Message.builder().messageId("" + id).receiptHandle("receipt-" + id).body("body").build();
    Delivery delivery = new Delivery(lane, message, Lease.received(now, HOUR), now, null);
    delivery.priority = 1;
    delivery.ownPriority = true;
    return delivery;
  }

  /** So many of them. */
  List<Delivery> messages(int count) {
    List<Delivery> messages = new ArrayList<>();
    for (int id = 0; id < count; id++) {
      messages.add(message(id));
    }
    return messages;
  }

  /** Puts it into its bus, whatever became of it before. */
  void enter(Delivery delivery) {
    delivery.stage = Delivery.Stage.WAITING;
    board.lock();
    try {
      board.enter(delivery, System.nanoTime());
    } finally {
      board.unlock();
    }
  }

  /** Deletes ten, or fewer, at no cost beyond the request and the answer. */
  private static final class Willing implements SqsClient {
    private final List<DeleteMessageBatchResultEntry> ten =
        IntStream.range(0, 10)
            .mapToObj(i -> DeleteMessageBatchResultEntry.builder().id("" + i).build())
            .toList();
    private final DeleteMessageBatchResponse answer =
        DeleteMessageBatchResponse.builder().successful(ten).build();

    @Override
    public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
      return answer;
    }

    @Override
    public String serviceName() {
      return "sqs";
    }

    @Override
    public void close() {}
  }
}
