package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.multisqs.ListenerOptions;
import io.multisqs.Polling;
import io.multisqs.ReceivedMessage;
import io.multisqs.SqsListenerConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlRequest;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/** What a queue's settings ask SQS for, and what its answers say to a handler. */
class ReceiveTest {
  private static final MessageSystemAttributeName SEQUENCE =
      MessageSystemAttributeName.SEQUENCE_NUMBER;

  private final SimulatedListener listener = new SimulatedListener(Duration.ofMillis(10));
  private final List<ReceivedMessage> handled = new ArrayList<>();

  @AfterEach
  void close() {
    listener.close();
  }

  private static Arguments asks(
      String what,
      UnaryOperator<SqsListenerConfig.Builder> setting,
      Function<ReceiveMessageRequest, @Nullable Object> field,
      Object expected) {
    return Arguments.of(what, setting, field, expected);
  }

  static Stream<Arguments> settings() {
    return Stream.of(
        asks("no setting: all attributes", q -> q, r -> r.messageAttributeNames(), List.of("All")),
        asks("no setting: ten messages", q -> q, r -> r.maxNumberOfMessages(), 10),
        asks("no setting: a long poll of 20 s", q -> q, r -> r.waitTimeSeconds(), 20),
        asks("no setting: the queue's own 30 s", q -> q, r -> r.visibilityTimeout(), 30),
        asks(
            "messageAttributes",
            q -> q.messageAttributes("trace.*"),
            r -> r.messageAttributeNames(),
            List.of("trace.*")),
        asks(
            "no messageAttributes",
            q -> q.messageAttributes(),
            r -> r.messageAttributeNames(),
            List.of()),
        asks(
            "visibilityTimeout",
            q -> q.visibilityTimeout(Duration.ofSeconds(77)),
            r -> r.visibilityTimeout(),
            77),
        asks(
            "maxMessagesPerReceive",
            q -> q.maxMessagesPerReceive(3),
            r -> r.maxNumberOfMessages(),
            3),
        asks(
            "long poll",
            q -> q.polling(Polling.longPoll(Duration.ofSeconds(4))),
            r -> r.waitTimeSeconds(),
            4),
        asks("short poll", q -> q.polling(Polling.shortPoll()), r -> r.waitTimeSeconds(), 0));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("settings")
  void settingsReachTheRequest(
      String what,
      UnaryOperator<SqsListenerConfig.Builder> setting,
      Function<ReceiveMessageRequest, @Nullable Object> field,
      Object expected) {
    listener.queue(setting.apply(SqsListenerConfig.builder("q")).build());
    listener.start().runFor(Duration.ofSeconds(1));
    // The first asks for no more than can start while the pace of the handlers is not known.
    listener.send("q", "m", 50);
    listener.runFor(Duration.ofSeconds(1));
    List<ReceiveMessageRequest> requests = listener.way.receiveRequests;
    assertThat(field.apply(requests.get(requests.size() - 1))).as(what).isEqualTo(expected);
  }

  @Test
  void ownerAccountIdReachesTheLookUpAndNoOwnerIsTheCredentials() {
    listener
        .queue(SqsListenerConfig.builder("theirs").ownerAccountId("210987654321").build())
        .queue(SqsListenerConfig.of("ours"));
    listener.build();
    assertThat(listener.way.queueUrlRequests)
        .extracting(GetQueueUrlRequest::queueName, GetQueueUrlRequest::queueOwnerAWSAccountId)
        .containsExactly(tuple("theirs", "210987654321"), tuple("ours", null));
  }

  @Test
  void aHandlerSeesAllThatSqsSaysOfAMessage() {
    listener.queue(SqsListenerConfig.of("q.fifo")).handler(handled::add);
    listener.start().runFor(Duration.ofSeconds(3));
    Instant sent = listener.simulation.instant();
    MessageAttributeValue text =
        MessageAttributeValue.builder().dataType("String").stringValue("blue").build();
    listener.sqs.sendMessage(
        r ->
            r.queueUrl(listener.url("q.fifo"))
                .messageBody("hello")
                .messageGroupId("group")
                .messageDeduplicationId("once")
                .messageAttributes(Map.of("colour", text)));
    listener.runFor(Duration.ofSeconds(1));
    assertThat(handled).hasSize(1);
    ReceivedMessage m = handled.get(0);
    assertThat(m.queue()).isEqualTo("q.fifo");
    assertThat(m.id()).isEqualTo(listener.sqs.events().get(0).messageId());
    assertThat(m.body()).isEqualTo("hello");
    assertThat(m.attributes()).isEqualTo(Map.of("colour", text));
    assertThat(m.attribute("colour")).contains("blue");
    assertThat(m.attribute("size")).isEmpty();
    assertThat(m.receiveCount()).isOne();
    assertThat(m.sentTime()).contains(Instant.ofEpochMilli(sent.toEpochMilli()));
    assertThat(m.group()).contains("group");
    assertThat(m.sequenceNumber()).contains(m.sdkMessage().attributes().get(SEQUENCE));
    assertThat(m.systemAttributes())
        .containsOnlyKeys(
            SEQUENCE,
            MessageSystemAttributeName.SENT_TIMESTAMP,
            MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT,
            MessageSystemAttributeName.MESSAGE_GROUP_ID,
            MessageSystemAttributeName.MESSAGE_DEDUPLICATION_ID)
        .containsEntry(MessageSystemAttributeName.MESSAGE_DEDUPLICATION_ID, "once");
  }

  @Test
  void aStandardQueuesMessageHasNoPlaceInAnOrder() {
    listener.queue(SqsListenerConfig.of("q")).handler(handled::add);
    Instant sent = listener.simulation.instant();
    listener.send("q", "a");
    listener.start().runUntilStarted(1);
    ReceivedMessage m = handled.get(0);
    assertThat(m.sequenceNumber()).isEmpty();
    assertThat(m.group()).isEmpty();
    assertThat(m.attributes()).isEmpty();
    assertThat(m.sentTime()).contains(Instant.ofEpochMilli(sent.toEpochMilli()));
    assertThat(m.systemAttributes())
        .containsOnlyKeys(
            MessageSystemAttributeName.SENT_TIMESTAMP,
            MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT);
  }

  /** A flood wants twenty at once; if those took turns afterwards, none would ever be idle. */
  @Test
  void pollersThatAFloodNeededEndThoughTheQueueStaysBusy() {
    Duration[] takes = {Duration.ZERO};
    listener
        .queue(SqsListenerConfig.of("q"))
        .options(ListenerOptions.builder().concurrency(10))
        .handler(message -> listener.work(takes[0]));
    listener.send("q", "m", 20_000);
    listener.start().runUntilStarted(3_000);
    assertThat(listener.lane("q").pollers).isEqualTo(20);
    takes[0] = Duration.ofMillis(20);
    listener.runFor(Duration.ofSeconds(30));
    assertThat(listener.lane("q").pollers).isBetween(1, 5);
    int before = listener.starts.size();
    listener.runFor(Duration.ofSeconds(2));
    assertThat(listener.starts.size() - before)
        .as("slots are full all the same")
        .isGreaterThan(980);
  }

  @Test
  void aTrickleStartsNoPollerForEachAnswer() {
    listener.queue(SqsListenerConfig.of("q"));
    listener.start();
    int before = 0;
    for (int i = 0; i < 120; i++) {
      before = i == 60 ? listener.pollersStarted : before;
      listener.send("q", "m" + i);
      listener.runFor(Duration.ofMillis(500));
    }
    assertThat(listener.startsOf("q")).isEqualTo(120);
    assertThat(listener.pollersStarted - before).as("in half a minute").isLessThan(6);
  }

  /** The first is asked for alone, as the handlers' pace is not known yet. */
  @Test
  void theSecondMessageOfATrickleIsNoFlood() {
    listener.queue(SqsListenerConfig.of("q"));
    listener.start();
    for (int i = 0; i < 3; i++) {
      listener.runFor(Duration.ofSeconds(1));
      listener.send("q", "m" + i);
    }
    listener.runFor(Duration.ofSeconds(1));
    assertThat(listener.startsOf("q")).isEqualTo(3);
    assertThat(listener.lane("q").receives.underWay()).isOne();
  }

  /** A full answer of one message is no sign that the queue is deep; how often they come is. */
  @Test
  void aQueueThatIsAskedForSingleMessagesIsAskedInParallel() {
    listener.queue(SqsListenerConfig.builder("q").maxMessagesPerReceive(1).build());
    listener.send("q", "m", 200);
    listener.start().runUntilStarted(50);
    assertThat(listener.lane("q").receives.mostLately(listener.simulation.nanoTime()))
        .isGreaterThan(5);
  }

  /** A poller that ends may be the only one that knows when the queue is to be asked again. */
  @Test
  void aShortPolledQueueIsAskedInItsIntervalWhoeverEnds() {
    listener.queue(
        SqsListenerConfig.builder("q").polling(Polling.shortPoll(Duration.ofMillis(100))).build());
    listener.send("q", "m", 500);
    listener.start().runUntilStarted(500);
    Duration last = listener.simulation.now();
    listener.runFor(Duration.ofMinutes(2));
    for (TravellingSqs.Receive receive : listener.way.receives) {
      if (receive.askedAt().compareTo(last) > 0) {
        assertThat(receive.askedAt().minus(last)).isLessThan(Duration.ofMillis(250));
        last = receive.askedAt();
      }
    }
    assertThat(last).isGreaterThan(listener.simulation.now().minus(Duration.ofSeconds(1)));
  }
}
