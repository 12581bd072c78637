package io.multisqs.broadcast;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
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
  private static final String SID = "MultiSqsBroadcast";
  private static final Pattern MAY_SEND =
      Pattern.compile("[*]|(?:sqs|SQS):(?:[*]|[Ss]end([*]|Message([*]|Batch)?))");

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
   * @return the policy with every statement of others, and this topic's; empty if it is so already
   */
  Optional<String> extended(Optional<String> existing) {
    if (existing.isEmpty()) {
      return Optional.of(json());
    }
    IamPolicy policy = IamPolicy.fromJson(existing.get());
    List<IamStatement> statements = new ArrayList<>(policy.statements());
    // This library's own for a topic of before, which would still let that one send; and an older
    // form of the same statement, whose id would stand twice, which SQS refuses.
    boolean changed = statements.removeIf(s -> isOurs(s) && !s.equals(statement()));
    if (!statements.contains(statement())) {
      changed = true;
      statements.add(statement());
    }
    if (!changed) {
      return Optional.empty();
    }
    return Optional.of(policy.toBuilder().statements(statements).build().toJson());
  }

  /**
   * Who else may send by a policy: each statement of others that allows it, by its id.
   *
   * @param existing the queue's policy, or empty if it has none
   */
  List<String> othersWhoMaySend(Optional<String> existing) {
    return existing.map(json -> IamPolicy.fromJson(json).statements()).orElse(List.of()).stream()
        .filter(s -> s.effect().equals(IamEffect.ALLOW) && !isOurs(s))
        .filter(s -> s.actions().stream().anyMatch(a -> MAY_SEND.matcher(a.value()).matches()))
        .map(s -> s.sid() == null ? "without an id" : s.sid())
        .toList();
  }

  private static boolean isOurs(IamStatement statement) {
    return statement.sid() != null && statement.sid().startsWith(SID);
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
    return SID + String.format("%08x", topic.arn().hashCode());
  }
}
