package io.multisqs.samples.fastslowlane;

import io.multisqs.ListenerOptions;
import io.multisqs.MultiSqsListener;
import io.multisqs.ReceivedMessage;
import io.multisqs.SqsListenerConfig;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;

/**
 * A worker for long jobs that still does urgent ones next. It never interrupts a job: the urgent
 * one goes before all that wait.
 */
final class FastSlowLane extends MultiSqsListener {
  static final String HIGH_BUS = "high-priority-bus";

  private static final Duration QUICK = Duration.ofMillis(200);

  private final Duration lowJob;
  private final Work work;
  private final PrintWriter out;

  FastSlowLane(
      List<SqsListenerConfig> queues,
      ListenerOptions options,
      Duration lowJob,
      Work work,
      PrintWriter out) {
    super(queues, options);
    this.lowJob = lowJob;
    this.work = work;
    this.out = out;
  }

  static List<SqsListenerConfig> queues(String low, String high) {
    return List.of(
        SqsListenerConfig.of(low),
        SqsListenerConfig.builder(high).priority(5).bus(HIGH_BUS).build());
  }

  @Override
  protected void handleMessage(String queue, String bus, int priority, ReceivedMessage message)
      throws Exception {
    if (bus.equals(HIGH_BUS)) {
      highPriorityJob(message);
    } else {
      lowPriorityJob(message);
    }
  }

  private void lowPriorityJob(ReceivedMessage message) throws InterruptedException {
    out.println("Starting low priority, long job: " + message.body());
    work.run(message, lowJob);
    out.println("Ended low priority job: " + message.body());
  }

  private void highPriorityJob(ReceivedMessage message) throws InterruptedException {
    out.println("Starting high priority, quick job: " + message.body());
    work.run(message, QUICK);
    out.println("Ended high priority job: " + message.body());
  }
}
