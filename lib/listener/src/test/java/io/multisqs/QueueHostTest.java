package io.multisqs;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.regions.PartitionMetadata;
import software.amazon.awssdk.regions.Region;

/** The region is told by a queue's URL in every form that AWS and LocalStack hand out. */
@Tag("I17")
class QueueHostTest {
  private static final String PATH = "/123456789012/orders";

  @ParameterizedTest
  @CsvSource({
    "sqs.eu-west-1.amazonaws.com, eu-west-1",
    "SQS.EU-West-1.AmazonAWS.com, eu-west-1",
    "sqs.eu-west-1.amazonaws.com., eu-west-1",
    "eu-west-1.queue.amazonaws.com, eu-west-1",
    "queue.amazonaws.com, us-east-1",
    "sqs.us-gov-west-1.amazonaws.com, us-gov-west-1",
    "sqs.cn-north-1.amazonaws.com.cn, cn-north-1",
    "cn-north-1.queue.amazonaws.com.cn, cn-north-1",
    "sqs.eusc-de-east-1.amazonaws.eu, eusc-de-east-1",
    "sqs.us-iso-east-1.c2s.ic.gov, us-iso-east-1",
    "sqs.us-isob-east-1.sc2s.sgov.gov, us-isob-east-1",
    "sqs.eu-isoe-west-1.cloud.adc-e.uk, eu-isoe-west-1",
    "sqs.us-isof-south-1.csp.hci.ic.gov, us-isof-south-1",
    "sqs.eu-west-1.localhost.localstack.cloud:4566, eu-west-1",
    "eu-west-1.queue.localhost.localstack.cloud:4566, eu-west-1",
    "queue.localhost.localstack.cloud:4566, us-east-1",
  })
  void aHostThatAClientOfTheRegionConnectsToByItself(String host, String region) {
    QueueAddress address = QueueAddress.parse("https://" + host + PATH);
    assertThat(address.region()).contains(region);
    assertThat(address.endpoint()).isEmpty();
    assertThat(address.isVpcEndpoint()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "sqs-fips.us-east-1.amazonaws.com, us-east-1, false",
    "sqs.eu-west-1.api.aws, eu-west-1, false",
    "sqs-fips.us-east-1.api.aws, us-east-1, false",
    "sqs.cn-north-1.api.amazonwebservices.com.cn, cn-north-1, false",
    "vpce-0a1b-2c3d.sqs.eu-west-1.vpce.amazonaws.com, eu-west-1, true",
    "VPCE-0a1b-2c3d-eu-west-1a.sqs.eu-west-1.vpce.amazonaws.com, eu-west-1, true",
    "vpce-0a1b-2c3d.sqs.cn-north-1.vpce.amazonaws.com.cn, cn-north-1, true",
  })
  void aHostThatItHasToBeTold(String host, String region, boolean vpc) {
    QueueAddress address = QueueAddress.parse("https://" + host + PATH);
    assertThat(address.region()).contains(region);
    assertThat(address.endpoint()).contains(URI.create("https://" + host));
    assertThat(address.isVpcEndpoint()).isEqualTo(vpc);
  }

  @Test
  void everyRegionThatTheSdkKnows() {
    for (Region region : Region.regions()) {
      if (!region.isGlobalRegion()) {
        String host = "sqs." + region.id() + "." + PartitionMetadata.of(region).dnsSuffix();
        assertThat(QueueAddress.parse("https://" + host + PATH).region()).contains(region.id());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://localhost:4566/queue/eu-west-1/000000000000/orders"})
  void localStacksPath(String url) {
    assertThat(QueueAddress.parse(url).region()).contains("eu-west-1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://sqs.example.com/123456789012/orders",
        "https://sns.eu-west-1.amazonaws.com/123456789012/orders",
        "https://sqs.eu-west-1.amazonaws.com.example.com/123456789012/orders",
        "https://evilsqs.eu-west-1.amazonaws.com/123456789012/orders",
        "http://127.0.0.1:9324/000000000000/orders",
      })
  void aHostThatTellsNone(String url) {
    assertThat(QueueAddress.parse(url).region()).isEmpty();
  }
}
