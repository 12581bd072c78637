package io.multisqs.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.multisqs.ListenerOptions;
import io.multisqs.ListenerState;
import io.multisqs.MultiSqsListener;
import io.multisqs.StopAccount;
import io.multisqs.testkit.LocalSqs;
import io.multisqs.testkit.sns.LocalSns;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/** Broadcast queues on the local SNS and SQS. */
class BroadcastIT implements BroadcastContract {
  private static LocalSqs sqs;
  private static LocalSns sns;

  @BeforeAll
  static void start() {
    sqs = LocalSqs.start();
    sns = LocalSns.start(sqs);
  }

  @AfterAll
  static void stop() {
    sns.close();
    sqs.close();
  }

  @Override
  public SnsClient sns() {
    return sns.client();
  }

  @Override
  public SqsClient sqs() {
    return sqs.client();
  }

  private SqsClient through(SqsProxy proxy) {
    return sqs.clientBuilder().endpointOverride(proxy.endpoint()).build();
  }

  @Test
  void queueDeletedAMomentAgoIsWaitedFor() throws Exception {
    try (SqsProxy proxy = new SqsProxy(sqs);
        SqsClient client = through(proxy)) {
      StepClock clock = new StepClock();
      proxy.refuse("CreateQueue", "QueueDeletedRecently", 12);

      BroadcastQueue.subscribe(
              sns.createTopic("recent"), options("recent").sqsClient(client).clock(clock).build())
          .close();

      assertThat(clock.elapsed()).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(65));
    }
  }

  @Test
  void looksThatFailDoNotEndTheDrain() throws Exception {
    String topic = sns.createTopic("failed-look");
    List<String> handled = Collections.synchronizedList(new ArrayList<>());
    try (SqsProxy proxy = new SqsProxy(sqs);
        SqsClient client = through(proxy)) {
      BroadcastQueue queue =
          BroadcastQueue.subscribe(topic, options("failed-look").sqsClient(client).build());
      MultiSqsListener listener =
          MultiSqsListener.of(
              List.of(queue.config()),
              ListenerOptions.builder().concurrency(1).build(),
              (name, bus, priority, message) -> {
                Thread.sleep(20);
                handled.add(message.body());
              });
      listener.start();
      for (int i = 0; i < 40; i++) {
        String body = "m" + i;
        sns().publish(r -> r.topicArn(topic).message(body));
      }
      proxy.refuse("GetQueueAttributes", "InvalidAddress", 1);
      queue.stop(listener, Duration.ofMinutes(3));
    }

    assertThat(handled).hasSize(40);
    assertThat(sns().listSubscriptionsByTopic(r -> r.topicArn(topic)).subscriptions()).isEmpty();
  }

  @Test
  void stopFromAHandlerClosesTheQueueWhenTheHandlersHaveEnded() {
    String topic = sns.createTopic("from-a-handler");
    BroadcastQueue queue = BroadcastQueue.subscribe(topic, options("from-a-handler").build());
    AtomicReference<MultiSqsListener> self = new AtomicReference<>();
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    self.set(
        MultiSqsListener.of(
            List.of(queue.config()),
            ListenerOptions.builder().concurrency(2).build(),
            (name, bus, priority, message) -> {
              StopAccount account = queue.stop(self.get(), Duration.ofSeconds(4));
              seen.add("complete: " + account.complete());
              // Throws if the queue is gone already.
              seen.add(sqs().getQueueUrl(r -> r.queueName(queue.queueName())).queueUrl());
            }));
    self.get().start();

    sns().publish(r -> r.topicArn(topic).message("stop"));

    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> sqs().getQueueUrl(r -> r.queueName(queue.queueName())))
                    .isInstanceOf(QueueDoesNotExistException.class));
    assertThat(seen).containsExactly("complete: false", queue.queueUrl());
    assertThat(self.get().state()).isEqualTo(ListenerState.TERMINATED);
  }

  @Test
  void sweepWithoutClientsUsesTheDefaults() {
    BroadcastQueue dead =
        BroadcastQueue.subscribe(sns.createTopic("defaults"), options("defaults").build());
    String past = Instant.now().minusSeconds(60).toString();
    sqs().tagQueue(r -> r.queueUrl(dead.queueUrl()).tags(Map.of("multisqs:lease-until", past)));
    Map<String, String> settings =
        Map.of(
            "aws.region", LocalSqs.REGION.id(),
            "aws.accessKeyId", "x",
            "aws.secretAccessKey", "x",
            "aws.endpointUrlSqs", sqs.endpoint().toString(),
            "aws.endpointUrlSns", sns.endpoint().toString());
    settings.forEach(System::setProperty);
    try {
      assertThat(Broadcast.dryRun("defaults", Duration.ZERO).names(SweepResult.Outcome.REMOVED))
          .containsExactly(dead.queueName());
      assertThat(Broadcast.sweep("defaults", Duration.ZERO).names(SweepResult.Outcome.REMOVED))
          .containsExactly(dead.queueName());
    } finally {
      settings.keySet().forEach(System::clearProperty);
    }
    dead.abandon();
  }
}
