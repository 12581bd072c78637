package io.multisqs.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;

/** One of the two services, as the contract sees it. */
interface SqsUnderTest {

  String PASSES = "passes";

  SqsClient client();

  String createQueue(String name, Map<QueueAttributeName, String> attributes);

  /** Lets time pass: a clock is moved, or waited for. */
  void pass(Duration duration);

  default String createQueue(String name) {
    return createQueue(name, Map.of());
  }

  default void send(String url, String... bodies) {
    for (String body : bodies) {
      client().sendMessage(r -> r.queueUrl(url).messageBody(body));
    }
  }

  /** Sends to a FIFO queue: each body is its own deduplication id. */
  default void sendTo(String group, String url, String... bodies) {
    for (String body : bodies) {
      client()
          .sendMessage(
              r ->
                  r.queueUrl(url)
                      .messageBody(body)
                      .messageGroupId(group)
                      .messageDeduplicationId(body));
    }
  }

  /** All that a short poll for ten brings, with every attribute. */
  default List<Message> receive(String url) {
    return receive(url, 10);
  }

  default List<Message> receive(String url, int max) {
    return client()
        .receiveMessage(
            r ->
                r.queueUrl(url)
                    .maxNumberOfMessages(max)
                    .messageSystemAttributeNames(MessageSystemAttributeName.ALL)
                    .messageAttributeNames("All"))
        .messages();
  }

  default void delete(String url, Message message) {
    client().deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle()));
  }

  default void changeVisibility(String url, Message message, int seconds) {
    client()
        .changeMessageVisibility(
            r -> r.queueUrl(url).receiptHandle(message.receiptHandle()).visibilityTimeout(seconds));
  }

  default String attribute(String url, QueueAttributeName name) {
    return client()
        .getQueueAttributes(r -> r.queueUrl(url).attributeNames(name))
        .attributes()
        .getOrDefault(name, "");
  }

  /** What a call comes to: the error code, or that it passes. */
  static String outcome(Runnable call) {
    try {
      call.run();
      return PASSES;
    } catch (AwsServiceException e) {
      return e.awsErrorDetails().errorCode();
    }
  }
}
