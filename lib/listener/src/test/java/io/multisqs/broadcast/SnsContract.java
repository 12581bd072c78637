package io.multisqs.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.InvalidParameterException;
import software.amazon.awssdk.services.sns.model.MessageAttributeValue;
import software.amazon.awssdk.services.sns.model.NotFoundException;
import software.amazon.awssdk.services.sns.model.PublishBatchRequestEntry;
import software.amazon.awssdk.services.sns.model.PublishBatchResponse;
import software.amazon.awssdk.services.sns.model.SnsException;
import software.amazon.awssdk.services.sns.model.Subscription;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** What tests and samples may expect of an SNS, whichever implementation it is. */
interface SnsContract {
  SnsClient sns();

  SqsClient sqs();

  // ---- steps ------------------------------------------------------------------------------------

  private static String name() {
    return "c-" + UUID.randomUUID().toString().substring(0, 8);
  }

  private String topic() {
    return sns().createTopic(r -> r.name(name())).topicArn();
  }

  private String fifoTopic(boolean contentBased) {
    return sns()
        .createTopic(
            r ->
                r.name(name() + ".fifo")
                    .attributes(
                        Map.of(
                            "FifoTopic",
                            "true",
                            "ContentBasedDeduplication",
                            String.valueOf(contentBased))))
        .topicArn();
  }

  private String queue() {
    return sqs().createQueue(r -> r.queueName(name())).queueUrl();
  }

  private String fifoQueue() {
    return sqs()
        .createQueue(
            r ->
                r.queueName(name() + ".fifo")
                    .attributes(Map.of(QueueAttributeName.FIFO_QUEUE, "true")))
        .queueUrl();
  }

  private String arn(String queue) {
    return sqs()
        .getQueueAttributes(r -> r.queueUrl(queue).attributeNames(QueueAttributeName.QUEUE_ARN))
        .attributes()
        .get(QueueAttributeName.QUEUE_ARN);
  }

  private String subscribe(String topic, String queue, Map<String, String> attributes) {
    return sns()
        .subscribe(
            r ->
                r.topicArn(topic)
                    .protocol("sqs")
                    .endpoint(arn(queue))
                    .attributes(attributes)
                    .returnSubscriptionArn(true))
        .subscriptionArn();
  }

  private String subscribeRaw(String topic, String queue) {
    return subscribe(topic, queue, Map.of("RawMessageDelivery", "true"));
  }

  private void publish(String topic, String message) {
    sns().publish(r -> r.topicArn(topic).message(message));
  }

  /** Receives and deletes until there are so many, and once more, so that more would show up. */
  private List<Message> receive(String queue, int count) {
    List<Message> all = new ArrayList<>();
    for (int i = 0; i < 10 && all.size() < count; i++) {
      all.addAll(receive(queue, Duration.ofSeconds(1)));
    }
    all.addAll(receive(queue, Duration.ZERO));
    return all;
  }

  private List<Message> receive(String queue, Duration wait) {
    List<Message> messages =
        sqs()
            .receiveMessage(
                r ->
                    r.queueUrl(queue)
                        .maxNumberOfMessages(10)
                        .waitTimeSeconds((int) wait.toSeconds())
                        .messageAttributeNames("All")
                        .messageSystemAttributeNames(MessageSystemAttributeName.ALL))
            .messages();
    messages.forEach(
        m -> sqs().deleteMessage(r -> r.queueUrl(queue).receiptHandle(m.receiptHandle())));
    return messages;
  }

  private List<String> bodies(String queue, int count) {
    return receive(queue, count).stream().map(Message::body).toList();
  }

  static PublishBatchRequestEntry.Builder entry(String id, String message) {
    return PublishBatchRequestEntry.builder().id(id).message(message);
  }

  private static MessageAttributeValue text(String value) {
    return MessageAttributeValue.builder().dataType("String").stringValue(value).build();
  }

  private static MessageAttributeValue number(String value) {
    return MessageAttributeValue.builder().dataType("Number").stringValue(value).build();
  }

  // ---- what is expected -------------------------------------------------------------------------

  @Test
  default void topicIsFoundAgainByItsName() {
    String name = name();
    String topic = sns().createTopic(r -> r.name(name)).topicArn();

    assertThat(topic).isEqualTo("arn:aws:sns:us-east-1:000000000000:" + name);
    assertThat(sns().createTopic(r -> r.name(name)).topicArn()).isEqualTo(topic);
    assertThat(sns().getTopicAttributes(r -> r.topicArn(topic)).attributes())
        .containsEntry("TopicArn", topic);
    assertThat(sns().listTopicsPaginator().topics()).anyMatch(t -> t.topicArn().equals(topic));
    sns().deleteTopic(r -> r.topicArn(topic));
    assertThatThrownBy(() -> publish(topic, "late")).isInstanceOf(NotFoundException.class);
  }

  @Test
  default void everySubscribedQueueGetsEachMessageOnce() {
    String topic = topic();
    List<String> queues = List.of(queue(), queue(), queue());
    queues.forEach(q -> subscribeRaw(topic, q));
    String bystander = queue();

    publish(topic, "one");
    publish(topic, "two <&> \"2\" + ü 100%\nlines");

    for (String queue : queues) {
      assertThat(bodies(queue, 2))
          .containsExactlyInAnyOrder("one", "two <&> \"2\" + ü 100%\nlines");
    }
    assertThat(bodies(bystander, 0)).isEmpty();
  }

  @Test
  default void rawDeliveryKeepsMessageAttributes() {
    String topic = topic();
    String queue = queue();
    subscribeRaw(topic, queue);

    sns()
        .publish(
            r ->
                r.topicArn(topic)
                    .message("m")
                    .messageAttributes(Map.of("kind", text("reload"), "size", number("7"))));

    Message message = receive(queue, 1).get(0);
    assertThat(message.messageAttributes().get("kind").stringValue()).isEqualTo("reload");
    assertThat(message.messageAttributes().get("size").dataType()).isEqualTo("Number");
    assertThat(message.messageAttributes().get("size").stringValue()).isEqualTo("7");
  }

  @Test
  default void withoutRawDeliveryTheMessageIsWrapped() {
    String topic = topic();
    String queue = queue();
    subscribe(topic, queue, Map.of());

    String id =
        sns()
            .publish(
                r ->
                    r.topicArn(topic)
                        .subject("s")
                        .message("say \"hi\"\n")
                        .messageAttributes(Map.of("kind", text("reload"))))
            .messageId();

    Message message = receive(queue, 1).get(0);
    Map<String, JsonNode> json = JsonNode.parser().parse(message.body()).asObject();
    assertThat(json.get("Type").asString()).isEqualTo("Notification");
    assertThat(json.get("MessageId").asString()).isEqualTo(id);
    assertThat(json.get("TopicArn").asString()).isEqualTo(topic);
    assertThat(json.get("Subject").asString()).isEqualTo("s");
    assertThat(json.get("Message").asString()).isEqualTo("say \"hi\"\n");
    Map<String, JsonNode> kind = json.get("MessageAttributes").asObject().get("kind").asObject();
    assertThat(kind.get("Type").asString()).isEqualTo("String");
    assertThat(kind.get("Value").asString()).isEqualTo("reload");
    assertThat(message.messageAttributes()).isEmpty();
  }

  @Test
  default void subscribingTwiceIsSubscribingOnce() {
    String topic = topic();
    String queue = queue();
    String first = subscribeRaw(topic, queue);

    assertThat(subscribeRaw(topic, queue)).isEqualTo(first);

    assertThat(sns().listSubscriptionsByTopicPaginator(r -> r.topicArn(topic)).subscriptions())
        .singleElement()
        .extracting(Subscription::subscriptionArn, Subscription::endpoint, Subscription::protocol)
        .containsExactly(first, arn(queue), "sqs");
    publish(topic, "m");
    assertThat(bodies(queue, 1)).containsExactly("m");
  }

  @Test
  default void subscribingWithOtherAttributesIsRefused() {
    String topic = topic();
    String queue = queue();
    subscribeRaw(topic, queue);

    assertThatThrownBy(() -> subscribe(topic, queue, Map.of("RawMessageDelivery", "false")))
        .isInstanceOf(InvalidParameterException.class);
  }

  @Test
  default void subscriptionTellsItsAttributes() {
    String topic = topic();
    String queue = queue();
    String subscription =
        subscribe(
            topic, queue, Map.of("RawMessageDelivery", "true", "FilterPolicy", "{\"a\":[\"b\"]}"));

    assertThat(attributes(subscription))
        .containsEntry("RawMessageDelivery", "true")
        .containsEntry("FilterPolicy", "{\"a\":[\"b\"]}")
        .containsEntry("PendingConfirmation", "false")
        .containsEntry("TopicArn", topic)
        .containsEntry("Endpoint", arn(queue));
  }

  private Map<String, String> attributes(String subscription) {
    return sns().getSubscriptionAttributes(r -> r.subscriptionArn(subscription)).attributes();
  }

  @Test
  default void changedSubscriptionIsInEffect() {
    String topic = topic();
    String queue = queue();
    String subscription =
        subscribe(
            topic, queue, Map.of("RawMessageDelivery", "true", "FilterPolicy", "{\"a\":[\"b\"]}"));
    publish(topic, "filtered");
    sns()
        .setSubscriptionAttributes(
            r ->
                r.subscriptionArn(subscription).attributeName("FilterPolicy").attributeValue("{}"));
    publish(topic, "wanted");

    assertThat(bodies(queue, 1)).containsExactly("wanted");
  }

  @Test
  default void unsubscribedQueueGetsNothingMore() {
    String topic = topic();
    String queue = queue();
    String subscription = subscribeRaw(topic, queue);
    publish(topic, "before");

    sns().unsubscribe(r -> r.subscriptionArn(subscription));

    publish(topic, "after");
    assertThat(bodies(queue, 1)).containsExactly("before");
    assertThatThrownBy(() -> attributes(subscription)).isInstanceOf(NotFoundException.class);
  }

  @Test
  default void publishSurvivesAQueueThatIsGone() {
    String topic = topic();
    String gone = queue();
    String queue = queue();
    subscribeRaw(topic, gone);
    subscribeRaw(topic, queue);
    sqs().deleteQueue(r -> r.queueUrl(gone));

    publish(topic, "m");

    assertThat(bodies(queue, 1)).containsExactly("m");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "{\"kind\":[\"pause\",\"reload\"]}             | true",
        "{\"kind\":[\"pause\"]}                        | false",
        "{\"kind\":[\"reload\"],\"size\":[7]}          | true",
        "{\"kind\":[\"reload\"],\"size\":[8]}          | false",
        "{\"kind\":[\"reload\"],\"other\":[\"x\"]}     | false",
        "{\"kind\":[{\"prefix\":\"rel\"}]}             | true",
        "{\"kind\":[{\"prefix\":\"el\"}]}              | false",
        "{\"kind\":[{\"suffix\":\"load\"}]}            | true",
        "{\"kind\":[{\"anything-but\":[\"pause\"]}]}   | true",
        "{\"kind\":[{\"anything-but\":[\"reload\"]}]}  | false",
        "{\"size\":[{\"numeric\":[\">\",5,\"<=\",7]}]} | true",
        "{\"size\":[{\"numeric\":[\"<\",7]}]}          | false",
        "{\"size\":[{\"numeric\":[\"=\",7.0]}]}        | true",
        "{\"kind\":[{\"exists\":true}]}                | true",
        "{\"other\":[{\"exists\":true}]}               | false",
        "{\"other\":[{\"exists\":false}]}              | true",
      })
  default void filterPolicyDecidesByAttributes(String policy, boolean delivered) {
    String topic = topic();
    String queue = queue();
    subscribe(topic, queue, Map.of("RawMessageDelivery", "true", "FilterPolicy", policy));

    sns()
        .publish(
            r ->
                r.topicArn(topic)
                    .message("m")
                    .messageAttributes(Map.of("kind", text("reload"), "size", number("7"))));

    assertThat(sqs().receiveMessage(r -> r.queueUrl(queue)).messages()).hasSize(delivered ? 1 : 0);
  }

  @Test
  default void batchIsPublishedEntryByEntry() {
    String topic = topic();
    String queue = queue();
    subscribeRaw(topic, queue);

    PublishBatchResponse answer =
        sns()
            .publishBatch(
                r ->
                    r.topicArn(topic)
                        .publishBatchRequestEntries(
                            entry("a", "1").build(),
                            entry("b", "2").messageAttributes(Map.of("k", text("v"))).build()));

    assertThat(answer.failed()).isEmpty();
    assertThat(answer.successful()).extracting(s -> s.id()).containsExactly("a", "b");
    assertThat(bodies(queue, 2)).containsExactlyInAnyOrder("1", "2");
  }

  @Test
  default void fifoTopicKeepsOrderWithinAGroupAndDropsDuplicates() {
    String topic = fifoTopic(false);
    String queue = fifoQueue();
    subscribeRaw(topic, queue);

    for (String id : List.of("1", "2", "2", "3")) {
      sns()
          .publish(
              r ->
                  r.topicArn(topic)
                      .message("m" + id)
                      .messageGroupId("g")
                      .messageDeduplicationId("d" + id));
    }

    List<Message> messages = receive(queue, 3);
    assertThat(messages).extracting(Message::body).containsExactly("m1", "m2", "m3");
    assertThat(messages.get(0).attributes())
        .containsEntry(MessageSystemAttributeName.MESSAGE_GROUP_ID, "g")
        .containsEntry(MessageSystemAttributeName.MESSAGE_DEDUPLICATION_ID, "d1");
  }

  @Test
  default void fifoTopicCanTellDuplicatesByContent() {
    String topic = fifoTopic(true);
    String queue = fifoQueue();
    subscribeRaw(topic, queue);

    for (String body : List.of("a", "a", "b")) {
      sns().publish(r -> r.topicArn(topic).message(body).messageGroupId("g"));
    }

    assertThat(bodies(queue, 2)).containsExactly("a", "b");
  }

  @Test
  default void fifoTopicWantsGroupAndDeduplicationId() {
    String topic = fifoTopic(false);

    assertThatThrownBy(() -> publish(topic, "m")).isInstanceOf(SnsException.class);
    assertThatThrownBy(() -> sns().publish(r -> r.topicArn(topic).message("m").messageGroupId("g")))
        .isInstanceOf(SnsException.class);
  }
}
