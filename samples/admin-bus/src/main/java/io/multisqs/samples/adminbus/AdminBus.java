package io.multisqs.samples.adminbus;

import io.multisqs.ListenerOptions;
import io.multisqs.ListenerSnapshot;
import io.multisqs.MultiSqsListener;
import io.multisqs.ReceivedMessage;
import io.multisqs.RetryPolicy;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A worker with two slots for long jobs, and a third that is kept for commands to the worker
 * itself: {@code pause}, {@code resume}, {@code reload} and {@code status} act at once, whatever
 * the jobs do.
 */
final class AdminBus extends MultiSqsListener {
  static final String WORK_BUS = "work-bus";
  static final String ADMIN_BUS = "admin-bus";

  private static final int URGENT = 5;

  /** Above all work, since higher work than a bus's own may take the slot reserved for it. */
  private static final int ABOVE_ALL_WORK = 100;

  private static final Duration QUICK = Duration.ofMillis(200);

  private final Duration lowJob;
  private final Work work;
  private final Consumer<String> say;
  private final AtomicInteger settings = new AtomicInteger(1);

  AdminBus(
      List<SqsListenerConfig> queues,
      ListenerOptions options,
      Duration lowJob,
      Work work,
      Consumer<String> say) {
    super(queues, options);
    this.lowJob = lowJob;
    this.work = work;
    this.say = say;
  }

  static ListenerOptions.Builder options() {
    return ListenerOptions.builder().concurrency(3).busOptions(ADMIN_BUS, 1, 1);
  }

  static List<SqsListenerConfig> queues(String low, String high, String admin) {
    // A command that nobody knows will not be known on the next try.
    RetryPolicy commands =
        RetryPolicy.DEFAULT.on(IllegalArgumentException.class, RetryPolicy.discard());
    return List.of(
        SqsListenerConfig.builder(low).bus(WORK_BUS).build(),
        SqsListenerConfig.builder(high).priority(URGENT).bus(WORK_BUS).build(),
        SqsListenerConfig.builder(admin)
            .priority(ABOVE_ALL_WORK)
            .bus(ADMIN_BUS)
            .retry(commands)
            .build());
  }

  @Override
  protected void handleMessage(String queue, String bus, int priority, ReceivedMessage message)
      throws Exception {
    if (bus.equals(ADMIN_BUS)) {
      act(message);
    } else {
      work(message, priority);
    }
  }

  private void work(ReceivedMessage message, int priority) throws InterruptedException {
    say.accept("started " + message.body() + " (settings " + settings + ")");
    work.run(message, priority >= URGENT ? QUICK : lowJob);
    say.accept("ended   " + message.body());
  }

  private void act(ReceivedMessage message) {
    String command = message.body().strip();
    String age = message.sentTime().map(AdminBus::age).orElse("");
    switch (command) {
      case "pause" -> {
        pauseBus(WORK_BUS);
        say.accept("PAUSE  " + age + ": what runs goes on, nothing else starts");
      }
      case "resume" -> {
        say.accept("RESUME " + age);
        resumeBus(WORK_BUS);
      }
      case "reload" -> {
        settings.incrementAndGet();
        say.accept("RELOAD " + age + ": settings " + settings + " from the next job on");
      }
      case "status" -> say.accept("STATUS " + age + ": " + status(snapshot()));
      default ->
          throw new IllegalArgumentException(
              "command must be pause, resume, reload or status, was " + command);
    }
  }

  private static String age(Instant sent) {
    return "(" + Duration.between(sent, Instant.now()).toMillis() + " ms after it was sent)";
  }

  private static String status(ListenerSnapshot now) {
    return now.queues().stream()
        .filter(queue -> queue.bus().equals(WORK_BUS))
        .map(q -> q.queue() + " " + q.running() + " running, " + q.waiting() + " waiting here")
        .collect(
            Collectors.joining(
                "; ", now.slotsInUse() + " of " + now.slots() + " slots in use; ", ""));
  }
}
