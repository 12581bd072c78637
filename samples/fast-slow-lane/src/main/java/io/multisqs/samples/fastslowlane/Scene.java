package io.multisqs.samples.fastslowlane;

import io.multisqs.ListenerEvents;
import io.multisqs.ListenerOptions;
import io.multisqs.Polling;
import io.multisqs.ReceivedMessage;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import io.multisqs.testkit.LocalSqs;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The run without arguments: five low jobs wait on a real SQS server, and while the first of them
 * runs, a high one is sent.
 */
final class Scene extends ListenerEvents {
  private static final String LOW = "low-priority-queue";
  private static final String HIGH = "high-priority-queue";
  private static final int LOW_JOBS = 5;

  /** A stop waits for the receive under way; the default of 20 s would make the end a long one. */
  private static final Polling SHORT_WAIT = Polling.longPoll(Duration.ofSeconds(1));

  /** For a machine that hangs, not for one that is slow. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final CountDownLatch firstStarted = new CountDownLatch(1);
  private final CountDownLatch allHandled = new CountDownLatch(LOW_JOBS + 1);

  @Override
  public void started(ReceivedMessage message, Duration waited) {
    firstStarted.countDown();
  }

  @Override
  public void handled(ReceivedMessage message, Duration elapsed) {
    allHandled.countDown();
  }

  StopAccount play(ListenerOptions.Builder builder, Duration lowJob, Work work, PrintWriter out)
      throws InterruptedException, TimeoutException {
    try (LocalSqs sqs = LocalSqs.start()) {
      String low = sqs.createQueue(LOW);
      String high = sqs.createQueue(HIGH);
      for (int job = 0; job < LOW_JOBS; job++) {
        send(sqs, low, "Job #" + job + " with no priority");
      }
      List<SqsListenerConfig> queues =
          FastSlowLane.queues(LOW, HIGH).stream()
              .map(queue -> queue.toBuilder().polling(SHORT_WAIT).build())
              .toList();
      ListenerOptions options = builder.sqsClient(sqs.client()).events(this).build();
      try (FastSlowLane listener = new FastSlowLane(queues, options, lowJob, work, out)) {
        listener.start();
        await(firstStarted);
        send(sqs, high, "Priority message");
        await(allHandled);
        return listener.stop(Duration.ofSeconds(10));
      }
    }
  }

  private static void send(LocalSqs sqs, String queueUrl, String body) {
    sqs.client().sendMessage(r -> r.queueUrl(queueUrl).messageBody(body));
  }

  private static void await(CountDownLatch latch) throws InterruptedException, TimeoutException {
    if (!latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new TimeoutException("nothing happened for " + PATIENCE.toMinutes() + " minutes");
    }
  }
}
