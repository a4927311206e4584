package dev.backstitch.faults;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/**
 * On which databases a test of a suite with this many is played: on all in the whole suite, by {@code -Pfaults}; else, for
 * a look, on one of them, which its name decides, so that it is the same each time and about half are played on each.
 */
final class Look implements ArgumentsProvider {
    /** The tag of what is looked at in each build, and whole with the faults. */
    static final String TAG = "look";

    private static final boolean WHOLE = Boolean.getBoolean("backstitch.whole");

    @Override
    public Stream<? extends Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
        Product[] all = Product.values();
        Product shown =
                all[Math.floorMod(context.getRequiredTestMethod().getName().hashCode(), all.length)];
        return Stream.of(all).filter(product -> WHOLE || product == shown).map(Arguments::of);
    }
}
