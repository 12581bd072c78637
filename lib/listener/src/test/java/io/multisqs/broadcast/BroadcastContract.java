package io.multisqs.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.multisqs.ListenerOptions;
import io.multisqs.MultiSqsListener;
import io.multisqs.Polling;
import io.multisqs.StopAccount;
import io.multisqs.broadcast.SweepResult.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.Subscription;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/** What a broadcast queue does against a server over HTTP, whichever it is. */
interface BroadcastContract {
  SnsClient sns();

  SqsClient sqs();

  private String topic(String suffix) {
    String name = "t" + UUID.randomUUID().toString().substring(0, 8) + suffix;
    return sns()
        .createTopic(
            r -> r.name(name).attributes(suffix.isEmpty() ? Map.of() : Map.of("FifoTopic", "true")))
        .topicArn();
  }

  default BroadcastOptions.Builder options(String prefix) {
    return BroadcastOptions.builder(prefix)
        .sqsClient(sqs())
        .snsClient(sns())
        .settle(Duration.ZERO, Duration.ZERO)
        .emptyFor(Duration.ZERO);
  }

  private static String prefix() {
    return "p" + UUID.randomUUID().toString().substring(0, 8);
  }

  private void publish(String topic, String message) {
    sns().publish(r -> r.topicArn(topic).message(message));
  }

  private List<String> bodies(BroadcastQueue queue) {
    return sqs()
        .receiveMessage(r -> r.queueUrl(queue.queueUrl()).maxNumberOfMessages(10))
        .messages()
        .stream()
        .map(Message::body)
        .toList();
  }

  @Test
  default void everyInstanceGetsWhatIsPublishedOnceSubscribeReturned() {
    String topic = topic("");
    try (BroadcastQueue one = BroadcastQueue.subscribe(topic, options(prefix()).build());
        BroadcastQueue other = BroadcastQueue.subscribe(topic, options(prefix()).build())) {
      publish(topic, "reload");

      assertThat(bodies(one)).containsExactly("reload");
      assertThat(bodies(other)).containsExactly("reload");
    }
  }

  @Test
  default void filterPolicyAndEnvelopeAreAsAskedFor() {
    String topic = topic("");
    BroadcastOptions options =
        options(prefix()).rawDelivery(false).filterPolicy("{\"kind\": [\"reload\"]}").build();
    try (BroadcastQueue queue = BroadcastQueue.subscribe(topic, options)) {
      publish(topic, "unwanted");
      sns()
          .publish(
              r ->
                  r.topicArn(topic)
                      .message("wanted")
                      .messageAttributes(
                          Map.of(
                              "kind",
                              software.amazon.awssdk.services.sns.model.MessageAttributeValue
                                  .builder()
                                  .dataType("String")
                                  .stringValue("reload")
                                  .build())));

      assertThat(bodies(queue))
          .singleElement()
          .asString()
          .contains("\"Message\":\"wanted\"", "\"TopicArn\":\"" + topic + "\"");
    }
  }

  @Test
  default void fifoTopicReachesAListenerInOrder() throws Exception {
    String topic = topic(".fifo");
    List<String> handled = Collections.synchronizedList(new ArrayList<>());
    BroadcastQueue queue = BroadcastQueue.subscribe(topic, options(prefix()).build());
    MultiSqsListener listener = listener(queue, handled::add);
    listener.start();
    for (int i = 0; i < 5; i++) {
      String n = String.valueOf(i);
      sns()
          .publish(
              r ->
                  r.topicArn(topic).message(n).messageGroupId("g").messageDeduplicationId("d" + n));
    }

    await().atMost(Duration.ofSeconds(30)).until(() -> handled.size() >= 5);
    StopAccount account = queue.stop(listener, Duration.ofSeconds(20));

    assertThat(handled).containsExactly("0", "1", "2", "3", "4");
    assertThat(account.addsUp()).isTrue();
    assertGone(queue);
  }

  @Test
  default void stopWorksOffWhatWasPublishedBeforeAndLeavesNothing() throws Exception {
    String topic = topic("");
    List<String> handled = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch first = new CountDownLatch(1);
    BroadcastQueue queue = BroadcastQueue.subscribe(topic, options(prefix()).build());
    MultiSqsListener listener =
        listener(
            queue,
            body -> {
              first.countDown();
              Thread.sleep(20);
              handled.add(body);
            });
    listener.start();
    List<String> published = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      published.add("m" + i);
      publish(topic, "m" + i);
    }
    first.await();

    queue.stop(listener, Duration.ofMinutes(3));

    assertThat(handled).containsExactlyInAnyOrderElementsOf(published);
    assertGone(queue);
  }

  /** Something that may throw. */
  interface Handler {
    void handle(String body) throws Exception;
  }

  private MultiSqsListener listener(BroadcastQueue queue, Handler handler) {
    return MultiSqsListener.of(
        List.of(
            queue.config().toBuilder().polling(Polling.longPoll(Duration.ofSeconds(1))).build()),
        ListenerOptions.builder().sqsClient(sqs()).build(),
        (name, bus, priority, message) -> handler.handle(message.body()));
  }

  private List<Subscription> subscriptions(String topic) {
    return sns().listSubscriptionsByTopicPaginator(r -> r.topicArn(topic)).subscriptions().stream()
        .toList();
  }

  /** As time does with the lease of one that died. */
  private void leaseRunsOut(BroadcastQueue queue) {
    String past = Instant.now().minusSeconds(60).toString();
    sqs().tagQueue(r -> r.queueUrl(queue.queueUrl()).tags(Map.of("multisqs:lease-until", past)));
  }

  private void assertGone(BroadcastQueue queue) {
    assertThatThrownBy(() -> sqs().getQueueUrl(r -> r.queueName(queue.queueName())))
        .isInstanceOf(QueueDoesNotExistException.class);
    assertThat(
            sns()
                .listSubscriptionsByTopicPaginator(r -> r.topicArn(queue.topicArn()))
                .subscriptions())
        .isEmpty();
  }

  @Test
  default void restartedInstanceGetsWhatWasPublishedWhileItWasDown() {
    String topic = topic("");
    BroadcastOptions options = options(prefix()).instance("i-1").build();
    BroadcastQueue dead = BroadcastQueue.subscribe(topic, options).asOfAnotherProcess();
    publish(topic, "while it was down");

    try (BroadcastQueue queue =
        BroadcastQueue.subscribe(
            topic, options.toBuilder().visibilityTimeout(Duration.ofSeconds(77)).build())) {
      assertThat(queue.queueUrl()).isEqualTo(dead.queueUrl());
      assertThat(queue.subscriptionArn()).isEqualTo(dead.subscriptionArn());
      assertThat(queue.repairs()).contains("VisibilityTimeout was 30, is 77");
      assertThat(bodies(queue)).containsExactly("while it was down");
      dead.close();
      publish(topic, "after the dead one's close");
      assertThat(bodies(queue)).containsExactly("after the dead one's close");
    }
    assertGone(dead);
  }

  @Test
  default void sweepRemovesTheQueueOfTheDeadAloneAndOnlyOnce() throws Exception {
    String prefix = prefix();
    String topic = topic("");
    BroadcastQueue dead = BroadcastQueue.subscribe(topic, options(prefix).build());
    publish(topic, "unread");
    String work = prefix + "-work";
    sqs().createQueue(r -> r.queueName(work).tags(Map.of("team", "red")));

    assertThat(Broadcast.dryRun(prefix, Duration.ZERO, sqs(), sns()).names(Outcome.REMOVED))
        .isEmpty();
    leaseRunsOut(dead);
    assertThat(Broadcast.dryRun(prefix, Duration.ZERO, sqs(), sns()).toString())
        .startsWith("dry run of a sweep: 2 queues\n")
        .contains("  would remove " + dead.queueName() + ": lease ran out at ", "subscriptions 1");
    assertThat(subscriptions(topic)).hasSize(1);
    SweepResult swept = Broadcast.sweep(prefix, Duration.ZERO, sqs(), sns());

    assertThat(swept.names(Outcome.REMOVED)).containsExactly(dead.queueName());
    assertThat(swept.names(Outcome.KEPT)).containsExactly(work);
    assertGone(dead);
    assertThat(Broadcast.sweep(prefix, Duration.ZERO, sqs(), sns()).queues())
        .extracting(SweepResult.SweptQueue::name)
        .containsExactly(work);
    // It was not dead after all: its next renewal finds out, and brings everything back.
    assertThat(dead.renewNow()).isTrue();
    publish(topic, "back");
    assertThat(bodies(dead)).containsExactly("back");
    dead.close();
    assertGone(dead);
  }

  @Test
  default void sweepKeepsAQueueWithAMessageInFlight() {
    String prefix = prefix();
    String topic = topic("");
    BroadcastQueue queue = BroadcastQueue.subscribe(topic, options(prefix).build());
    publish(topic, "in hand");
    assertThat(bodies(queue)).hasSize(1);
    leaseRunsOut(queue);

    SweepResult swept = Broadcast.sweep(prefix, Duration.ZERO, sqs(), sns());

    assertThat(swept.toString()).contains("kept " + queue.queueName(), "1 messages are in flight");
    queue.close();
    assertGone(queue);
  }

  @Test
  default void instanceThatComesBackWithAnotherTopicLeavesTheFirst() {
    String first = topic("");
    String second = topic("");
    BroadcastOptions options = options(prefix()).instance("i-1").build();
    BroadcastQueue.subscribe(first, options).abandon();

    try (BroadcastQueue queue = BroadcastQueue.subscribe(second, options)) {
      publish(first, "of before");
      publish(second, "of now");

      assertThat(bodies(queue)).containsExactly("of now");
      assertThat(queue.repairs()).contains("topic was " + first + ", is " + second);
      assertThat(subscriptions(first)).isEmpty();
    }
    assertThat(subscriptions(second)).isEmpty();
  }

  @Test
  default void queueOfStrangersIsRefusedAndLeftAsItIs() {
    String prefix = prefix();
    String topic = topic("");
    String url =
        sqs().createQueue(r -> r.queueName(prefix + "-i-1").tags(Map.of("team", "red"))).queueUrl();

    assertThatThrownBy(
            () -> BroadcastQueue.subscribe(topic, options(prefix).instance("i-1").build()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was not made for broadcasts");

    assertThat(sqs().listQueueTags(r -> r.queueUrl(url)).tags()).isEqualTo(Map.of("team", "red"));
    assertThat(subscriptions(topic)).isEmpty();
  }

  @Test
  default void subscriptionThatSomebodyEndedIsBroughtBack() throws Exception {
    String topic = topic("");
    try (BroadcastQueue queue = BroadcastQueue.subscribe(topic, options(prefix()).build())) {
      sns().unsubscribe(r -> r.subscriptionArn(queue.subscriptionArn()));

      assertThat(queue.renewNow()).isTrue();

      publish(topic, "back");
      assertThat(bodies(queue)).containsExactly("back");
    }
  }

  @Test
  default void tagsThatSomebodyTookOffAreWrittenAgain() throws Exception {
    String prefix = prefix();
    try (BroadcastQueue queue = BroadcastQueue.subscribe(topic(""), options(prefix).build())) {
      Map<String, String> tags = sqs().listQueueTags(r -> r.queueUrl(queue.queueUrl())).tags();
      sqs().untagQueue(r -> r.queueUrl(queue.queueUrl()).tagKeys(tags.keySet()));

      assertThat(queue.renewNow()).isTrue();

      assertThat(sqs().listQueueTags(r -> r.queueUrl(queue.queueUrl())).tags().keySet())
          .isEqualTo(tags.keySet());
    }
    assertThat(Broadcast.dryRun(prefix, Duration.ZERO, sqs(), sns()).queues()).isEmpty();
  }

  @Test
  default void filterThatWasChangedIsSetRight() {
    String topic = topic("");
    BroadcastOptions options =
        options(prefix()).instance("i-1").filterPolicy("{\"kind\": [\"re load\"]}").build();
    BroadcastQueue dead = BroadcastQueue.subscribe(topic, options);
    dead.abandon();
    BroadcastQueue unchanged = BroadcastQueue.subscribe(topic, options);
    assertThat(unchanged.repairs()).noneMatch(r -> r.contains("Filter"));
    unchanged.abandon();
    sns()
        .setSubscriptionAttributes(
            r ->
                r.subscriptionArn(dead.subscriptionArn())
                    .attributeName("FilterPolicy")
                    .attributeValue("{\"kind\": [\"reload\"]}"));

    try (BroadcastQueue queue = BroadcastQueue.subscribe(topic, options)) {
      assertThat(queue.repairs()).filteredOn(r -> r.startsWith("FilterPolicy was ")).hasSize(1);
    }
  }

  @Test
  default void ofTwoThatSubscribeOneNameAtOnceOneGetsIt() throws Exception {
    String topic = topic("");
    BroadcastOptions options = options(prefix()).instance("i-1").build();
    BroadcastQueue.subscribe(topic, options).abandon();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<BroadcastQueue> got = new ArrayList<>();
      List<Throwable> refused = new ArrayList<>();
      Callable<BroadcastQueue> subscribe = () -> BroadcastQueue.subscribe(topic, options);
      for (Future<BroadcastQueue> each : threads.invokeAll(List.of(subscribe, subscribe))) {
        try {
          got.add(each.get());
        } catch (ExecutionException e) {
          refused.add(e.getCause());
        }
      }

      assertThat(refused)
          .singleElement()
          .asInstanceOf(InstanceOfAssertFactories.throwable(IllegalStateException.class))
          .hasMessageContaining("is open in this JVM already");
      BroadcastQueue queue = got.get(0);
      publish(topic, "once");
      assertThat(bodies(queue)).containsExactly("once");
      queue.close();
      assertGone(queue);
    } finally {
      threads.shutdownNow();
    }
  }
}
