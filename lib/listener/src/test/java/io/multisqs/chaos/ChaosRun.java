package io.multisqs.chaos;

import io.multisqs.FailureAction;
import io.multisqs.ListenerOptions;
import io.multisqs.MultiSqsListener;
import io.multisqs.Polling;
import io.multisqs.ReceivedMessage;
import io.multisqs.SqsListenerConfig;
import io.multisqs.StopAccount;
import io.multisqs.VirtualThreads;
import io.multisqs.internal.Books;
import io.multisqs.testkit.LocalSqs;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/**
 * One run: messages are sent, a listener works them off through a proxy that breaks what passes, is
 * replaced by another half way, and at the end every message is asked for.
 *
 * <p>The library gives a call 10 s and a receive 10 s more than its wait. Here the client is the
 * test's own and gives each attempt {@link #GIVES_UP_AFTER}, which the library leaves alone, so
 * that an answer need not be held back for long to come too late.
 */
final class ChaosRun {
  static final Duration GIVES_UP_AFTER = Duration.ofSeconds(2);
  private static final Duration VISIBILITY = Duration.ofSeconds(3);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(8);
  private static final AtomicInteger RUNS = new AtomicInteger();

  private final LocalSqs sqs;
  private final ChaosPlan plan;
  private final Journal journal;
  private final FaultLedger ledger = new FaultLedger();
  private final FaultSchedule schedule;
  private final List<StopAccount> accounts = new ArrayList<>();
  private final List<String> leaks = new ArrayList<>();
  private final Map<Integer, String> idOf = new HashMap<>();

  ChaosRun(LocalSqs sqs, ChaosPlan plan) {
    this.sqs = sqs;
    this.plan = plan;
    this.journal = new Journal(plan.groups());
    this.schedule = new FaultSchedule(plan.seed(), plan.rate());
  }

  /** Runs; returns what was seen, with everything that was promised and not kept. */
  ChaosReport run() throws IOException, InterruptedException {
    long began = System.nanoTime();
    String name = "chaos-" + RUNS.incrementAndGet();
    String suffix = plan.isFifo() ? ".fifo" : "";
    String deadUrl = sqs.createQueue(name + "-dead" + suffix);
    String url =
        sqs.createQueue(
            name + suffix,
            Map.of(
                QueueAttributeName.VISIBILITY_TIMEOUT,
                Long.toString(VISIBILITY.toSeconds()),
                QueueAttributeName.REDRIVE_POLICY,
                "{\"deadLetterTargetArn\":\"" + arn(deadUrl) + "\",\"maxReceiveCount\":\"1000\"}"));
    sendAll(url);
    List<String> problems = new ArrayList<>();
    try (FaultyProxy proxy = new FaultyProxy(sqs.endpoint(), schedule, ledger, GIVES_UP_AFTER);
        SqsClient client = client(proxy)) {
      workUntil(name + suffix, client, () -> journal.finished() >= plan.messages() / 2, true);
      journal.nextListener();
      workUntil(
          name + suffix,
          client,
          () -> journal.finished() >= plan.messages() && calmly(() -> count(url) == 0),
          false);
    }
    schedule.calm(true);
    for (StopAccount account : accounts) {
      if (!account.addsUp()) {
        problems.add("the account does not add up: " + account);
      }
    }
    problems.addAll(leaks);
    problems.addAll(journal.broken());
    if (!journal.neverStarted(plan.messages()).isEmpty()) {
      problems.add("never handled: " + journal.neverStarted(plan.messages()));
    }
    if (!journal.neverFinished(plan.messages()).isEmpty()) {
      problems.add("handled, but never done with: " + journal.neverFinished(plan.messages()));
    }
    int left = count(url);
    if (left > 0) {
      problems.add(left + " messages are still in the queue");
    }
    Map<Integer, Integer> dead = drain(deadUrl);
    checkDead(dead, problems);
    return new ChaosReport(
        plan,
        Duration.ofNanos(System.nanoTime() - began),
        ledger.counts(),
        explain(problems),
        dead.size(),
        List.copyOf(accounts),
        List.copyOf(problems));
  }

  private boolean calmly(BooleanSupplier condition) {
    // All was handled under faults; what is left is to be deleted, or to be thrown away again.
    schedule.calm(true);
    return condition.getAsBoolean();
  }

  private void workUntil(String queue, SqsClient client, BooleanSupplier done, boolean underFaults)
      throws InterruptedException {
    schedule.calm(true); // A start refuses what it cannot look up; that is another test.
    MultiSqsListener listener =
        MultiSqsListener.of(
            List.of(
                SqsListenerConfig.builder(queue)
                    .polling(Polling.longPoll(Duration.ofSeconds(1)))
                    .retry(this::decide)
                    // A FIFO queue's default would be far more than its groups let start (its
                    // pace is its deletes', not its handlers'), which makes the run long.
                    .prefetch(plan.isFifo() ? 50 : 100)
                    .build()),
            ListenerOptions.builder()
                .sqsClient(client)
                .region(LocalSqs.REGION.id())
                .concurrency(plan.concurrency())
                .virtualThreads(VirtualThreads.areAskedFor())
                .build(),
            (q, bus, priority, message) -> handle(message));
    listener.start();
    schedule.calm(false);
    long end = System.nanoTime() + plan.limit().toNanos();
    while (!done.getAsBoolean() && end - System.nanoTime() > 0) {
      Thread.sleep(20);
    }
    schedule.calm(!underFaults);
    StopAccount account = listener.stop(STOP_WITHIN);
    accounts.add(account);
    Books books = Books.of(listener);
    if (account.abandoned().isEmpty() && account.abandonedReceives() == 0 && !books.areClosed()) {
      leaks.add("left after a stop that abandoned nothing: " + books);
    }
  }

  private void handle(ReceivedMessage message) throws Exception {
    int n = Integer.parseInt(message.body());
    int earlier = journal.starts(n, message.id());
    boolean returned = false;
    try {
      if (plan.isSlow(n) && earlier == 0) {
        Thread.sleep(VISIBILITY.toMillis() + 1_000);
      } else {
        Thread.sleep(n % 5);
      }
      if (plan.fails(n, earlier)) {
        throw new IllegalStateException("failing as planned");
      }
      returned = true;
    } finally {
      journal.ends(n, returned);
    }
  }

  private FailureAction decide(Throwable failure, ReceivedMessage message) {
    int n = Integer.parseInt(message.body());
    if (plan.isPoison(n) && message.receiveCount() >= 3) {
      journal.deadLetters(n);
      return new FailureAction.DeadLetter();
    }
    return new FailureAction.RetryAfter(Duration.ofMillis(message.receiveCount() % 2 * 1_000L));
  }

  // ---- before and after -----------------------------------------------------------------------

  private SqsClient client(FaultyProxy proxy) {
    return sqs.clientBuilder()
        .endpointOverride(proxy.endpoint())
        .overrideConfiguration(
            c ->
                c.apiCallAttemptTimeout(GIVES_UP_AFTER)
                    .retryStrategy(
                        plan.sdkRetries()
                            ? AwsRetryStrategy.standardRetryStrategy()
                            : AwsRetryStrategy.doNotRetry()))
        .build();
  }

  private void sendAll(String url) {
    for (int from = 0; from < plan.messages(); from += 10) {
      List<SendMessageBatchRequestEntry> entries = new ArrayList<>(10);
      for (int n = from; n < Math.min(from + 10, plan.messages()); n++) {
        SendMessageBatchRequestEntry.Builder entry =
            SendMessageBatchRequestEntry.builder().id("m" + n).messageBody("" + n);
        if (plan.isFifo()) {
          entry.messageGroupId(plan.group(n)).messageDeduplicationId("d" + n);
        }
        entries.add(entry.build());
      }
      sqs.client()
          .sendMessageBatch(r -> r.queueUrl(url).entries(entries))
          .successful()
          .forEach(s -> idOf.put(Integer.parseInt(s.id().substring(1)), s.messageId()));
    }
    if (idOf.size() != plan.messages()) {
      throw new IllegalStateException("sent only " + idOf.size());
    }
  }

  private String arn(String url) {
    return sqs.client()
        .getQueueAttributes(r -> r.queueUrl(url).attributeNames(QueueAttributeName.QUEUE_ARN))
        .attributes()
        .get(QueueAttributeName.QUEUE_ARN);
  }

  /** Messages in the queue, visible, in flight and delayed. */
  private int count(String url) {
    return sqs
        .client()
        .getQueueAttributes(
            r ->
                r.queueUrl(url)
                    .attributeNames(
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
                        QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED))
        .attributes()
        .values()
        .stream()
        .mapToInt(Integer::parseInt)
        .sum();
  }

  /** The numbers in a dead-letter queue, each to how often it is there. */
  private Map<Integer, Integer> drain(String url) {
    TreeMap<Integer, Integer> found = new TreeMap<>();
    List<Message> some;
    do {
      some = sqs.client().receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(10)).messages();
      for (Message message : some) {
        found.merge(Integer.parseInt(message.body()), 1, Integer::sum);
        sqs.client().deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle()));
      }
    } while (!some.isEmpty());
    return found;
  }

  private void checkDead(Map<Integer, Integer> dead, List<String> problems) {
    TreeSet<Integer> expected = new TreeSet<>();
    for (int n = 0; n < plan.messages(); n++) {
      if (plan.isPoison(n)) {
        expected.add(n);
      }
    }
    if (!dead.keySet().equals(expected)) {
      problems.add("in the dead-letter queue should be " + expected + ", are " + dead.keySet());
    }
  }

  /** Every second handling with the faults that explain it; one without is a problem. */
  private Map<Integer, List<String>> explain(List<String> problems) {
    Map<Integer, List<String>> explained = new TreeMap<>();
    journal
        .handledAgain()
        .forEach(
            (n, id) -> {
              List<String> faults = ledger.explaining(id);
              explained.put(n, faults);
              if (faults.isEmpty()) {
                problems.add("message " + n + " was handled twice, and no fault explains it");
              }
            });
    return explained;
  }
}
