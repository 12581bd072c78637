package io.multisqs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import org.junit.jupiter.api.Test;

class EarlyClassesTest {
  private static final String MADE_BY_THE_COMPILER = ".*[$][0-9]+";

  @Test
  void allOfThemExist() {
    assertThat(EarlyClasses.OWN)
        .filteredOn(name -> !name.matches(MADE_BY_THE_COMPILER))
        .allSatisfy(name -> assertThat(Class.forName(name)).isNotNull());
    assertThat(EarlyClasses.OF_THE_SDK)
        .allSatisfy(name -> assertThat(Class.forName(name)).isNotNull());
  }

  /** They are used first where a message comes or ends, however the listener is put together. */
  @Test
  void enumsAreInTheList() {
    List<String> there =
        new ClassFileImporter()
                .withImportOption(location -> location.contains(beside()))
                .importPackages("io.multisqs")
                .stream()
                .filter(c -> c.isEnum() && !c.getName().matches(MADE_BY_THE_COMPILER))
                .filter(EarlyClassesTest::isOfTheListener)
                .filter(c -> c.getStaticInitializer().isPresent())
                .map(JavaClass::getName)
                .toList();
    assertThat(there).contains("io.multisqs.internal.Outcome");
    assertThat(EarlyClasses.OWN).containsAll(there);
  }

  private static String beside() {
    String board = String.valueOf(Board.class.getResource("Board.class"));
    return board.substring(0, board.indexOf("io/multisqs"));
  }

  private static boolean isOfTheListener(JavaClass c) {
    return List.of("io.multisqs", "io.multisqs.internal").contains(c.getPackageName());
  }
}
