package io.multisqs.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class QueuePolicyTest {
  private static final TopicArn TOPIC = TopicArn.parse("arn:aws-cn:sns:cn-north-1:123456789012:t");
  private final QueuePolicy policy = new QueuePolicy(TOPIC, "pool-1");

  @Test
  void onlyTheTopicMaySend() {
    assertThat(policy.json())
        .isEqualTo(
            "{\"Version\":\"2012-10-17\",\"Statement\":{"
                + "\"Sid\":\"MultiSqsBroadcast"
                + String.format("%08x", TOPIC.arn().hashCode())
                + "\",\"Effect\":\"Allow\","
                + "\"Principal\":{\"Service\":\"sns.amazonaws.com\"},"
                + "\"Action\":\"sqs:SendMessage\","
                + "\"Resource\":\"arn:aws-cn:sqs:*:*:pool-1\","
                + "\"Condition\":{\"ArnEquals\":{\"aws:SourceArn\":\""
                + TOPIC.arn()
                + "\"}}}}");
  }

  @Test
  void policyThatHasTheStatementStaysAsItIs() {
    assertThat(policy.extended(Optional.of(policy.json()))).isEmpty();
    String spread =
        policy.json().replace("\"Statement\":{", "\"Statement\" : [ {").replace("}}}}", "}}} ] }");
    assertThat(policy.extended(Optional.of(spread))).isEmpty();
  }

  @Test
  void statementsOfOthersStay() {
    String theirs =
        "{\"Version\":\"2008-10-17\",\"Id\":\"theirs\",\"Statement\":[{\"Sid\":\"a\","
            + "\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":[\"sqs:SendMessage\",\"sqs:PurgeQueue\"],"
            + "\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}";

    String extended = policy.extended(Optional.of(theirs)).orElseThrow();

    assertThat(extended)
        .contains(
            "\"Version\":\"2008-10-17\"",
            "\"Id\":\"theirs\"",
            "\"Effect\":\"Deny\"",
            "\"Principal\":\"*\"",
            "[\"sqs:SendMessage\",\"sqs:PurgeQueue\"]",
            "{\"Bool\":{\"aws:SecureTransport\":\"false\"}}",
            TOPIC.arn());
    assertThat(policy.extended(Optional.of(extended))).isEmpty();
  }

  @Test
  void anOlderFormOfTheStatementIsReplaced() {
    String older = policy.json().replace("arn:aws-cn:sqs:*:*:pool-1", "*");

    assertThat(policy.extended(Optional.of(older)).orElseThrow()).isEqualTo(policy.json());
  }

  @Test
  void statementForATopicOfBeforeIsTakenOut() {
    QueuePolicy other = new QueuePolicy(TopicArn.parse(TOPIC.arn() + "2"), "pool-1");

    assertThat(policy.extended(Optional.of(other.json())).orElseThrow()).isEqualTo(policy.json());
  }

  @Test
  void othersWhoMaySendAreNamed() {
    String policies =
        "{\"Version\":\"2012-10-17\",\"Statement\":["
            + List.of(
                    other("a", "Allow", "sqs:SendMessage"),
                    other("b", "Allow", "sqs:*"),
                    other("c", "Allow", "sqs:ReceiveMessage"),
                    other("d", "Deny", "sqs:SendMessage"),
                    other("e", "Allow", "*"))
                .toString()
                .replaceAll("^.|.$", "")
            + "]}";

    assertThat(policy.othersWhoMaySend(Optional.of(policies))).containsExactly("a", "b", "e");
    assertThat(policy.othersWhoMaySend(Optional.of(policy.json()))).isEmpty();
    assertThat(policy.othersWhoMaySend(Optional.empty())).isEmpty();
  }

  private static String other(String sid, String effect, String action) {
    return "{\"Sid\":\"%s\",\"Effect\":\"%s\",\"Principal\":\"*\",\"Action\":\"%s\",\"Resource\":\"*\"}"
        .formatted(sid, effect, action);
  }
}
