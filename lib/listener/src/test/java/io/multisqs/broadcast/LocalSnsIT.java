package io.multisqs.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.multisqs.testkit.LocalSqs;
import io.multisqs.testkit.sns.LocalSns;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.BatchEntryIdsNotDistinctException;
import software.amazon.awssdk.services.sns.model.InvalidParameterException;
import software.amazon.awssdk.services.sns.model.MessageAttributeValue;
import software.amazon.awssdk.services.sns.model.SnsException;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The local SNS keeps the contract, and what the other implementation leaves open. */
class LocalSnsIT implements SnsContract {
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

  @Test
  void longListsComeInPages() {
    String topic = sns.createTopic("paged");
    for (int i = 0; i < 205; i++) {
      String endpoint = "arn:aws:sqs:us-east-1:000000000000:none-" + i;
      sns.client().subscribe(r -> r.topicArn(topic).protocol("sqs").endpoint(endpoint));
    }

    assertThat(sns.client().listSubscriptionsByTopic(r -> r.topicArn(topic)).subscriptions())
        .hasSize(100);
    assertThat(
            sns.client().listSubscriptionsByTopicPaginator(r -> r.topicArn(topic)).subscriptions())
        .hasSize(205);
    sns.client().deleteTopic(r -> r.topicArn(topic));
  }

  /** As AWS has it; fauxqs looks at an array as at one text. */
  @Test
  void filterLooksIntoArrays() {
    String topic = sns.createTopic("arrays");
    sqs.createQueue("arrays");
    String endpoint = "arn:aws:sqs:us-east-1:000000000000:arrays";
    sns.client()
        .subscribe(
            r ->
                r.topicArn(topic)
                    .protocol("sqs")
                    .endpoint(endpoint)
                    .attributes(Map.of("FilterPolicy", "{\"tags\":[\"b\"]}")));

    for (String tags : List.of("[\"a\",\"b\"]", "[\"a\",\"c\"]", "no array")) {
      MessageAttributeValue value =
          MessageAttributeValue.builder().dataType("String.Array").stringValue(tags).build();
      sns.client()
          .publish(r -> r.topicArn(topic).message("m").messageAttributes(Map.of("tags", value)));
    }

    assertThat(sns.delivered("arrays")).isEqualTo(1);
  }

  @Test
  void deliveriesAreCounted() {
    String topic = sns.createTopic("counted");
    sqs.createQueue("counted");
    String endpoint = "arn:aws:sqs:us-east-1:000000000000:counted";
    sns.client().subscribe(r -> r.topicArn(topic).protocol("sqs").endpoint(endpoint));
    sns.client().subscribe(r -> r.topicArn(topic).protocol("sqs").endpoint(endpoint + "-gone"));
    long dropped = sns.dropped();

    sns.client().publish(r -> r.topicArn(topic).message("m"));

    assertThat(sns.delivered("counted")).isEqualTo(1);
    assertThat(sns.delivered("counted-gone")).isZero();
    assertThat(sns.dropped()).isEqualTo(dropped + 1);
  }

  @Test
  void whatItDoesNotHaveItRefuses() {
    String topic = sns.createTopic("small");
    String endpoint = "arn:aws:sqs:us-east-1:000000000000:q";
    assertThatThrownBy(
            () ->
                sns.client()
                    .subscribe(r -> r.topicArn(topic).protocol("email").endpoint("a@b.example")))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("delivers to sqs alone");
    assertThatThrownBy(
            () ->
                sns.client()
                    .subscribe(
                        r ->
                            r.topicArn(topic)
                                .protocol("sqs")
                                .endpoint(endpoint)
                                .attributes(Map.of("FilterPolicyScope", "MessageBody"))))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("not by MessageBody");
    assertThatThrownBy(
            () ->
                sns.client()
                    .subscribe(
                        r ->
                            r.topicArn(topic)
                                .protocol("sqs")
                                .endpoint(endpoint)
                                .attributes(Map.of("FilterPolicy", "{\"a\":[{\"cidr\":\"x\"}]}"))))
        .isInstanceOf(InvalidParameterException.class)
        .hasMessageContaining("Unrecognized match type cidr");
    assertThatThrownBy(() -> sns.client().listTagsForResource(r -> r.resourceArn(topic)))
        .isInstanceOf(SnsException.class)
        .hasMessageContaining("the local SNS has no ListTagsForResource");
    assertThat(sns.client().listSubscriptionsByTopic(r -> r.topicArn(topic)).subscriptions())
        .isEmpty();
  }

  @Test
  void batchOfEqualIdsIsRefused() {
    String topic = sns.createTopic("batch");
    assertThatThrownBy(
            () ->
                sns.client()
                    .publishBatch(
                        r ->
                            r.topicArn(topic)
                                .publishBatchRequestEntries(
                                    SnsContract.entry("a", "1").build(),
                                    SnsContract.entry("a", "2").build())))
        .isInstanceOf(BatchEntryIdsNotDistinctException.class);
  }

  @Test
  void portOutOfRangeIsRefused() {
    assertThatThrownBy(() -> LocalSns.start(sqs, 70_000))
        .hasMessage("port must be 0…65535, was 70000");
  }
}
