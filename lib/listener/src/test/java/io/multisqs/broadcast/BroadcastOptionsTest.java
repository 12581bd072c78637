package io.multisqs.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class BroadcastOptionsTest {
  private final BroadcastOptions.Builder builder = BroadcastOptions.builder("pool");

  private static void refuses(ThrowingCallable setting, String text) {
    assertThatThrownBy(setting).isInstanceOf(IllegalArgumentException.class).hasMessage(text);
  }

  @Test
  void defaultsAreThoseDocumented() {
    BroadcastOptions options = builder.build();

    assertThat(options.retention()).isEqualTo(Duration.ofHours(1));
    assertThat(options.visibilityTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(options.lease()).isEqualTo(Duration.ofMinutes(10));
    assertThat(options.renewEvery()).isEqualTo(Duration.ofMinutes(2));
    assertThat(options.rawDelivery()).isTrue();
    assertThat(options.bus()).isEqualTo("broadcast-bus");
    assertThat(options.priority()).isEqualTo(10);
    assertThat(options.instance()).matches("[0-9a-f]{12}");
    assertThat(builder.build().instance()).isNotEqualTo(options.instance());
  }

  @Test
  void builderRefusesWhatIsOutOfRange() {
    refuses(
        () -> BroadcastOptions.builder("a.b"),
        "prefix must be 1…40 letters, digits, - or _, was \"a.b\"");
    refuses(
        () -> builder.instance("i".repeat(71)),
        "instance must be 1…70 letters, digits, - or _, was \"" + "i".repeat(71) + '"');
    refuses(
        () -> builder.retention(Duration.ofSeconds(59)),
        "retention must be 60 s…1209600 s, was 59 s");
    refuses(
        () -> builder.visibilityTimeout(Duration.ofMillis(1500)),
        "visibilityTimeout must be in whole seconds, as SQS counts it, was PT1.5S");
    refuses(
        () -> builder.tags(Map.of("multisqs:owner", "me")),
        "tags must not start with multisqs:, was multisqs:owner");
    refuses(() -> builder.filterPolicy("a"), "filterPolicy must be a JSON object, was \"a\"");
    refuses(() -> builder.kmsKeyId(" "), "kmsKeyId must not be blank, was \" \"");
    refuses(() -> builder.bus(""), "bus must not be blank, was \"\"");
    refuses(() -> builder.priority(1_000_001), "priority must be -1000000…1000000, was 1000001");
    refuses(() -> builder.lease(Duration.ZERO), "lease must be 1 s…86400 s, was 0 s");
    refuses(
        () -> builder.renewEvery(Duration.ofMillis(99)),
        "renewEvery must be 100 ms…43200 s, was 99 ms");
    refuses(
        () -> builder.settle(Duration.ofSeconds(61), Duration.ZERO),
        "settle afterCreate must be 0 s…60 s, was 61 s");
  }

  @Test
  void renewalMustLeaveRoomForAFailure() {
    refuses(
        () -> builder.lease(Duration.ofSeconds(10)).renewEvery(Duration.ofSeconds(6)).build(),
        "renewEvery must be half the lease of 10 s at most, was 6 s");
  }

  @Test
  void leaseMustOutlastTheWaitsOfSubscribe() {
    refuses(
        () -> builder.lease(Duration.ofSeconds(70)).build(),
        "lease must be longer than settle and renewEvery together, 75 s, or it runs out within"
            + " subscribe, was 70 s");
    builder.settle(Duration.ZERO, Duration.ZERO).build();
  }

  @Test
  void keyOfAwsIsRefused() {
    for (String key :
        List.of("alias/aws/sqs", "arn:aws:kms:eu-west-1:123456789012:alias/aws/sqs")) {
      refuses(
          () -> builder.kmsKeyId(key),
          "kmsKeyId must be a key of your own, as SNS may not use AWS's for SQS, was " + key);
    }
  }

  @Test
  void filterPolicyMustBeJson() {
    refuses(() -> builder.filterPolicy("[]"), "filterPolicy must be a JSON object, was \"[]\"");
    refuses(() -> builder.filterPolicy("{a}"), "filterPolicy must be a JSON object, was \"{a}\"");
  }

  @Test
  void toBuilderKeepsEverything() {
    BroadcastOptions options =
        builder
            .instance("i-1")
            .retention(Duration.ofMinutes(2))
            .visibilityTimeout(Duration.ofSeconds(5))
            .tags(Map.of("a", "b"))
            .rawDelivery(false)
            .filterPolicy("{\"kind\": [\"reload\"]}")
            .kmsKeyId("key")
            .bus("b")
            .priority(7)
            .lease(Duration.ofMinutes(1))
            .renewEvery(Duration.ofSeconds(3))
            .settle(Duration.ofMillis(1), Duration.ofMillis(2))
            .emptyFor(Duration.ofSeconds(4))
            .clock(new StepClock())
            .build();

    assertThat(options.toBuilder().build()).usingRecursiveComparison().isEqualTo(options);
    assertThat(options.filterPolicy()).isEqualTo(Optional.of("{\"kind\": [\"reload\"]}"));
  }

  @Test
  void hostNameBecomesAQueueNameThatTellsHostsApart() {
    assertThat(InstanceName.fitted("web-1", 70)).isEqualTo("web-1");
    assertThat(InstanceName.fitted("web.1", 70))
        .matches("web-1-[0-9a-f]{8}")
        .isNotEqualTo(InstanceName.fitted("web_1", 70));
    assertThat(InstanceName.fitted("w".repeat(80), 34)).hasSize(34);
    assertThat(builder.instanceFromHostName().build().instance()).matches("[A-Za-z0-9_-]{1,70}");
  }
}
