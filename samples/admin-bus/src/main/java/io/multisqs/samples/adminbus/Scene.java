package io.multisqs.samples.adminbus;

import io.multisqs.ListenerEvents;
import io.multisqs.ListenerOptions;
import io.multisqs.Polling;
import io.multisqs.ReceivedMessage;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import io.multisqs.testkit.LocalSqs;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** The run without arguments: long jobs fill their slots, and commands come meanwhile. */
final class Scene extends ListenerEvents {
  private static final String LOW = "reports";
  private static final String HIGH = "orders";
  private static final String ADMIN = "admin";

  /** A stop waits for the receive under way; the default of 20 s would make the end a long one. */
  private static final Polling SHORT_WAIT = Polling.longPoll(Duration.ofSeconds(1));

  /** Room for both orders, so that the scene does not hang on how fast the machine receives. */
  private static final int BOTH_ORDERS = 2;

  /** For a machine that hangs, not for one that is slow. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Semaphore jobsStarted = new Semaphore(0);
  private final Semaphore ordersHere = new Semaphore(0);
  private final Semaphore jobsEnded = new Semaphore(0);
  private final Semaphore commandsDone = new Semaphore(0);

  @Override
  public void received(String queue, int messages, Duration elapsed) {
    if (queue.equals(HIGH)) {
      ordersHere.release(messages);
    }
  }

  @Override
  public void handled(ReceivedMessage message, Duration elapsed) {
    (message.queue().equals(ADMIN) ? commandsDone : jobsEnded).release();
  }

  StopAccount play(
      ListenerOptions.Builder builder, Duration lowJob, Work work, Consumer<String> say)
      throws InterruptedException, TimeoutException {
    try (LocalSqs sqs = LocalSqs.start()) {
      List.of(LOW, HIGH, ADMIN).forEach(sqs::createQueue);
      for (int report = 1; report <= 4; report++) {
        send(sqs, LOW, "report #" + report);
      }
      List<SqsListenerConfig> queues =
          AdminBus.queues(LOW, HIGH, ADMIN).stream()
              .map(queue -> queue.toBuilder().polling(SHORT_WAIT).prefetch(BOTH_ORDERS).build())
              .toList();
      var options = builder.sqsClient(sqs.client()).events(this).build();
      Work counted =
          (message, time) -> {
            jobsStarted.release();
            work.run(message, time);
          };
      try (AdminBus listener = new AdminBus(queues, options, lowJob, counted, say)) {
        listener.start();
        await(jobsStarted, 2);
        say.accept("-- two reports hold both slots for work; two orders and two commands come");
        send(sqs, HIGH, "order #1");
        send(sqs, HIGH, "order #2");
        await(ordersHere, 2);
        command(sqs, "status");
        command(sqs, "pause");
        await(jobsEnded, 2);
        say.accept("-- both slots for work are free, and stay so");
        command(sqs, "status");
        command(sqs, "reload");
        say.accept("-- orders go before the reports that waited longer");
        command(sqs, "resume");
        await(jobsEnded, 4);
        return listener.stop(Duration.ofSeconds(10));
      }
    }
  }

  private void command(LocalSqs sqs, String command) throws InterruptedException, TimeoutException {
    send(sqs, ADMIN, command);
    await(commandsDone, 1);
  }

  private static void send(LocalSqs sqs, String queue, String body) {
    String url = sqs.createQueue(queue);
    sqs.client().sendMessage(r -> r.queueUrl(url).messageBody(body));
  }

  private static void await(Semaphore happened, int times)
      throws InterruptedException, TimeoutException {
    if (!happened.tryAcquire(times, PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new TimeoutException("nothing happened for " + PATIENCE.toMinutes() + " minutes");
    }
  }
}
