package io.multisqs.broadcast;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.policybuilder.iam.IamConditionOperator;
import software.amazon.awssdk.policybuilder.iam.IamEffect;
import software.amazon.awssdk.policybuilder.iam.IamPolicy;
import software.amazon.awssdk.policybuilder.iam.IamPrincipalType;
import software.amazon.awssdk.policybuilder.iam.IamStatement;

/**
 * The statement of a queue's policy that lets one topic send, and nobody else: what a policy does
 * not allow, another account or service cannot do.
 */
final class QueuePolicy {
  private final TopicArn topic;
  private final String queueName;

  QueuePolicy(TopicArn topic, String queueName) {
    this.topic = topic;
    this.queueName = queueName;
  }

  /** The policy of a new queue. */
  String json() {
    return IamPolicy.create(List.of(statement())).toJson();
  }

  /**
   * What an existing policy has to become.
   *
   * @param existing the queue's policy, or empty if it has none
   * @return the policy with every statement that it had, and this topic's; empty if that is in it
   */
  Optional<String> extended(Optional<String> existing) {
    if (existing.isEmpty()) {
      return Optional.of(json());
    }
    IamPolicy policy = IamPolicy.fromJson(existing.get());
    if (policy.statements().contains(statement())) {
      return Optional.empty();
    }
    List<IamStatement> statements = new ArrayList<>(policy.statements());
    // An older form of the same statement would make the id stand twice, which SQS refuses.
    statements.removeIf(s -> sid().equals(s.sid()));
    statements.add(statement());
    return Optional.of(policy.toBuilder().statements(statements).build().toJson());
  }

  private IamStatement statement() {
    return IamStatement.builder()
        .sid(sid())
        .effect(IamEffect.ALLOW)
        .addPrincipal(IamPrincipalType.SERVICE, "sns.amazonaws.com")
        .addAction("sqs:SendMessage")
        // The account is not known before the queue exists, and a policy that came later would take
        // up to 60 s to be in effect everywhere. The policy is on this one queue in any case.
        .addResource("arn:" + topic.partition() + ":sqs:*:*:" + queueName)
        .addCondition(
            c ->
                c.operator(IamConditionOperator.ARN_EQUALS).key("aws:SourceArn").value(topic.arn()))
        .build();
  }

  /** One for each topic; only letters and digits are sure to be accepted. */
  private String sid() {
    return "MultiSqsBroadcast" + String.format("%08x", topic.arn().hashCode());
  }
}
