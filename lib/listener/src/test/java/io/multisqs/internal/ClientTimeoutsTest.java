package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.multisqs.ListenerOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsClientBuilder;

/** What a client of the user's own limits, and where the listener's own connect to. */
@Tag("I17")
class ClientTimeoutsTest {
  private static SqsClientBuilder client() {
    return SqsClient.builder()
        .region(Region.EU_WEST_1)
        .credentialsProvider(AnonymousCredentialsProvider.create());
  }

  private static AwsRequestOverrideConfiguration limitsOfALongPoll(SqsClient client) {
    return new SqsGateway(client)
        .receiveTemplate("url", false, 20, List.of("All"), List.of(), Duration.ofSeconds(30))
        .overrideConfiguration()
        .orElseThrow();
  }

  @Test
  void anAttemptMayTakeAsLongAsItsLongPoll() {
    try (SqsClient client =
        client()
            .overrideConfiguration(c -> c.apiCallAttemptTimeout(Duration.ofSeconds(3)))
            .build()) {
      AwsRequestOverrideConfiguration limits = limitsOfALongPoll(client);
      assertThat(limits.apiCallAttemptTimeout()).contains(Duration.ofSeconds(30));
      assertThat(limits.apiCallTimeout()).contains(Duration.ofSeconds(30));
    }
  }

  @Test
  void noSecondTimerWhereAttemptsAreNotLimited() {
    try (SqsClient client = client().build()) {
      assertThat(limitsOfALongPoll(client).apiCallAttemptTimeout()).isEmpty();
    }
  }

  @Test
  void theListenersOwnClientConnectsToTheVpcEndpoint() {
    URI vpc = URI.create("https://vpce-0a-1b.sqs.eu-west-1.vpce.amazonaws.com");
    try (Clients clients = new Clients(ListenerOptions.defaults(), () -> 10)) {
      assertThat(clients.gateway("eu-west-1", vpc).endpoint()).isEqualTo(vpc);
      assertThat(clients.gateway("eu-west-1", null).endpoint()).isNull();
    }
  }
}
