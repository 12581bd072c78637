package io.multisqs.internal;

import io.multisqs.ListenerOptions;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
  private static final Duration HOUR = Duration.ofHours(1);

  final Wiring parts;
  final EventBus bus;
  final SqsGateway gateway = new SqsGateway(new Willing());
  final Board board;
  final Lane lane;

  Parts(int queues, int slots, int prefetch) {
    List<SqsListenerConfig> configs = new ArrayList<>();
    for (int i = 0; i < queues; i++) {
      configs.add(
          SqsListenerConfig.builder("queue" + i)
              .bus("bus")
              .priority(i + 1)
              .prefetch(prefetch)
              .build());
    }
    ListenerOptions options =
        ListenerOptions.builder()
            .concurrency(slots)
            // A queue with a receive under way counts as empty at once, as an idle one does.
            .priorityHold(Duration.ZERO)
            .bufferBytes(1 << 30)
            .build();
    parts = new Wiring(configs, options, (queue, bus, priority, message) -> {}, NO_THREADS);
    board = parts.board;
    bus = board.buses.get(0);
    for (Lane made : board.lanes) {
      // As if all its pollers were out, so that none is started.
      made.pollers = made.maxPollers;
      board.receiving.found(
          made, new Source(made.name(), "arn", "region", gateway, HOUR, 1 << 10, null, 0));
      made.heat.sample(15_000_000, 0);
    }
    lane = board.lanes.get(0);
    board.open();
  }

  /** Starts no thread. */
  private static final Wiring.Host NO_THREADS =
      new Wiring.Host() {
        @Override
        public void startPoller(Lane lane, QueuePoller poller) {}

        @Override
        public void startCall(String what, Runnable work) {}

        @Override
        public void queueAppeared() {}
      };

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
