package io.multisqs.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.multisqs.ListenerOptions;
import io.multisqs.MultiSqsListener;
import io.multisqs.Polling;
import io.multisqs.RetryPolicy;
import io.multisqs.testkit.LocalSqs;
import io.multisqs.testkit.sns.LocalSns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;
import software.amazon.awssdk.policybuilder.iam.IamCondition;
import software.amazon.awssdk.policybuilder.iam.IamConditionOperator;
import software.amazon.awssdk.policybuilder.iam.IamPolicy;
import software.amazon.awssdk.policybuilder.iam.IamPrincipal;
import software.amazon.awssdk.policybuilder.iam.IamPrincipalType;
import software.amazon.awssdk.policybuilder.iam.IamStatement;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sns.model.SubscribeRequest;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The least policies of BROADCAST.md are those of the calls really made: none less, none more. */
class IamPolicyIT {
  private static final Path PAGE = Path.of("..", "docs", "BROADCAST.md");

  /** Actions that know no resources (service authorization reference): allowed on all, or not. */
  private static final Set<String> ON_ALL =
      Set.of(
          "sqs:ListQueues",
          "sns:Unsubscribe",
          "sns:GetSubscriptionAttributes",
          "sns:SetSubscriptionAttributes");

  /** Writes down each call as {@code action resource}. */
  private static final class Recorder implements ExecutionInterceptor {
    private final Set<String> calls = new ConcurrentSkipListSet<>();

    /** What SNS would give a policy of each Subscribe, by condition key. */
    private final List<Map<String, String>> conditions =
        Collections.synchronizedList(new ArrayList<>());

    @Override
    public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
      String service =
          attributes.getAttribute(SdkExecutionAttribute.SERVICE_NAME).toLowerCase(Locale.ROOT);
      String operation = attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME);
      // A batch is allowed by the action of its entries.
      String action = service + ":" + operation.replaceFirst("Batch$", "");
      if (context.request() instanceof SubscribeRequest subscribe) {
        conditions.add(
            Map.of(
                "sns:Protocol",
                subscribe.protocol(),
                "sns:Endpoint",
                // The local servers' region and account stand for the reader's own.
                subscribe
                    .endpoint()
                    .replaceFirst("(arn:aws:sqs):[^:]+:[^:]+:", "$1:REGION:ACCOUNT:")));
      }
      calls.add(action + " " + (ON_ALL.contains(action) ? "*" : resource(context.request())));
    }

    private static String resource(SdkRequest request) {
      for (String field : List.of("QueueUrl", "QueueName", "TopicArn")) {
        String value = request.getValueForField(field, String.class).orElse(null);
        if (value != null) {
          String name =
              value.substring(Math.max(value.lastIndexOf('/'), value.lastIndexOf(':')) + 1);
          return (field.equals("TopicArn") ? "arn:aws:sns:" : "arn:aws:sqs:")
              + "REGION:ACCOUNT:"
              + name;
        }
      }
      throw new IllegalStateException("no resource in " + request);
    }
  }

  @Test
  void policiesAllowTheCallsReallyMadeAndNoOthers() throws Exception {
    Recorder instance = new Recorder();
    Recorder sweep = new Recorder();
    try (LocalSqs sqs = LocalSqs.start();
        LocalSns sns = LocalSns.start(sqs);
        SqsClient itsSqs =
            sqs.clientBuilder()
                .overrideConfiguration(o -> o.addExecutionInterceptor(instance))
                .build();
        SnsClient itsSns =
            sns.clientBuilder()
                .overrideConfiguration(o -> o.addExecutionInterceptor(instance))
                .build();
        SqsClient sweepSqs =
            sqs.clientBuilder()
                .overrideConfiguration(o -> o.addExecutionInterceptor(sweep))
                .build();
        SnsClient sweepSns =
            sns.clientBuilder()
                .overrideConfiguration(o -> o.addExecutionInterceptor(sweep))
                .build()) {
      String topic = sns.createTopic("TOPIC");
      live(topic, itsSqs, itsSns, sns);
      BroadcastQueue dead =
          BroadcastQueue.subscribe(
              topic,
              BroadcastOptions.builder("PREFIX")
                  .sqsClient(sqs.client())
                  .snsClient(sns.client())
                  .settle(Duration.ZERO, Duration.ZERO)
                  .build());
      String past = Instant.now().minus(Duration.ofHours(2)).toString();
      sqs.client()
          .tagQueue(r -> r.queueUrl(dead.queueUrl()).tags(Map.of("multisqs:lease-until", past)));
      assertThat(
              Broadcast.sweep("PREFIX", Duration.ofHours(1), sweepSqs, sweepSns)
                  .names(SweepResult.Outcome.REMOVED))
          .containsExactly(dead.queueName());
      dead.close();
    }
    assertThat(instance.conditions).isNotEmpty().allSatisfy(IamPolicyIT::assertMaySubscribe);
    assertAllowed("instance", instance.calls);
    assertAllowed("sweep", sweep.calls);
  }

  /** Everything that an instance does in its life, the rare things included. */
  private static void live(String topic, SqsClient sqs, SnsClient sns, LocalSns server)
      throws Exception {
    BroadcastOptions options =
        BroadcastOptions.builder("PREFIX")
            .instance("i-1")
            .sqsClient(sqs)
            .snsClient(sns)
            .settle(Duration.ZERO, Duration.ZERO)
            .emptyFor(Duration.ZERO)
            .build();
    BroadcastQueue dead = BroadcastQueue.subscribe(topic, options).asOfAnotherProcess();
    BroadcastQueue queue =
        BroadcastQueue.subscribe(
            topic,
            options.toBuilder()
                .visibilityTimeout(Duration.ofSeconds(7))
                .rawDelivery(false)
                .build());
    dead.close();
    queue.renewNow();
    Set<String> done = new ConcurrentSkipListSet<>();
    MultiSqsListener listener =
        MultiSqsListener.of(
            List.of(
                queue.config().toBuilder()
                    .polling(Polling.longPoll(Duration.ofSeconds(1)))
                    .retry(RetryPolicy.atOnce())
                    .build()),
            ListenerOptions.builder().sqsClient(sqs).build(),
            (q, bus, priority, message) -> {
              if (message.receiveCount() == 1) {
                throw new IllegalStateException("once, so that it is given back");
              }
              done.add(message.id());
            });
    listener.start();
    server.client().publish(r -> r.topicArn(topic).message("m"));
    await().atMost(Duration.ofSeconds(30)).until(() -> done.size() == 1);
    queue.stop(listener, Duration.ofSeconds(20));
  }

  /** By the conditions of the statement that allows it. */
  private static void assertMaySubscribe(Map<String, String> call) throws IOException {
    List<IamCondition> conditions = statementOn("instance", "sns:Subscribe").conditions();
    assertThat(conditions)
        .extracting(c -> c.key().value())
        .containsExactlyInAnyOrder("sns:Protocol", "sns:Endpoint");
    for (IamCondition condition : conditions) {
      // Both are strings, by the service authorization reference.
      assertThat(condition.operator().value()).isIn("StringEquals", "StringLike");
      assertThat(call.get(condition.key().value()))
          .matches(value -> matches(condition.value(), value), condition.value());
    }
  }

  private static IamStatement statementOn(String role, String action) throws IOException {
    return policy(role).statements().stream()
        .filter(s -> s.actions().stream().anyMatch(a -> a.value().equals(action)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void subscribingAnythingElseIsNotAllowed() {
    assertThatThrownBy(
            () ->
                assertMaySubscribe(Map.of("sns:Protocol", "email", "sns:Endpoint", "a@b.example")))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(
            () ->
                assertMaySubscribe(
                    Map.of(
                        "sns:Protocol",
                        "sqs",
                        "sns:Endpoint",
                        "arn:aws:sqs:REGION:ACCOUNT:other-queue")))
        .isInstanceOf(AssertionError.class);
  }

  /** No local server checks keys: what can be held true is that these are policies, and of whom. */
  @Test
  void policiesOfTheKeyAreReadable() throws IOException {
    IamStatement topic = policy("key").statements().get(0);
    assertThat(topic.principals())
        .containsExactly(IamPrincipal.create(IamPrincipalType.SERVICE, "sns.amazonaws.com"));
    assertThat(topic.actions())
        .extracting(a -> a.value())
        .containsExactlyInAnyOrder("kms:GenerateDataKey*", "kms:Decrypt");
    assertThat(topic.conditions())
        .containsExactly(
            IamCondition.create(
                IamConditionOperator.ARN_EQUALS,
                "aws:SourceArn",
                "arn:aws:sns:REGION:ACCOUNT:TOPIC"));

    IamStatement instance = policy("instance-key").statements().get(0);
    assertThat(instance.actions()).extracting(a -> a.value()).containsExactly("kms:Decrypt");
    assertThat(instance.resources())
        .extracting(r -> r.value())
        .containsExactly("arn:aws:kms:REGION:ACCOUNT:key/KEY");
  }

  private static void assertAllowed(String role, Set<String> calls) throws IOException {
    IamPolicy policy = policy(role);
    Set<String> unused = new TreeSet<>();
    for (IamStatement statement : policy.statements()) {
      String resource = statement.resources().get(0).value();
      for (String action : statement.actions().stream().map(a -> a.value()).toList()) {
        Set<String> uses =
            calls.stream()
                .filter(
                    c ->
                        c.startsWith(action + " ")
                            && matches(resource, c.substring(action.length() + 1)))
                .collect(Collectors.toSet());
        if (uses.isEmpty()) {
          unused.add(action + " on " + resource);
        }
        calls.removeAll(uses);
      }
    }
    assertThat(unused).as("allowed to %s, but never called", role).isEmpty();
    assertThat(calls).as("called by %s, but not allowed", role).isEmpty();
  }

  private static boolean matches(String pattern, String resource) {
    return Pattern.matches(Pattern.quote(pattern).replace("*", "\\E.*\\Q"), resource);
  }

  private static IamPolicy policy(String role) throws IOException {
    Matcher block =
        Pattern.compile("<!-- policy: " + role + " -->\\s*```json\\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(PAGE));
    assertThat(block.find()).as("a policy of %s in %s", role, PAGE).isTrue();
    return IamPolicy.fromJson(block.group(1));
  }
}
