"""Preprocessing stage by stage, as the window shows it, against what a training fits."""

import numpy as np
import pytest

from core.preprocessing.centring import MeanImage, Standardize
from core.preprocessing.directions import PCA, Whiten, n_keeping
from core.preprocessing.ranging import Invert
from core.preprocessing.table import PREPROCESSING
from core.preprocessing.turning import Turn
from core.training.preparation import divided, fit_preparation
from core.training.stages import GivenUpError, Stages, sample_of, stages, switched
from tests.core.training.making import rows, small_net, some_digits


def always():
    return True


def fitted(owner, *steps):
    return {stage.stage.step.kind_name(): stage for stage in owner.fit(steps, always)}


@pytest.fixture(scope="module")
def owner():
    data = some_digits(300)
    training, _ = divided(data, small_net().training.settings)
    return Stages(data, training, (8, 8, 1))


def test_every_kind_has_a_stage_in_its_usual_place():
    found = stages(())
    assert {stage.step.kind_name() for stage in found} == set(PREPROCESSING)
    places = [stage.step.usual_place for stage in found]
    assert places == sorted(places)
    assert not any(stage.is_on for stage in found)


def test_what_is_set_keeps_its_order_whatever_is_usual():
    found = stages((Standardize(), Invert(), Invert()))
    assert [stage.step for stage in found if stage.is_on] == [Standardize(), Invert(), Invert()]
    assert [stage.place for stage in found if stage.is_on] == [0, 1, 2]


def test_switching_on_and_off_again_changes_nothing():
    steps = (MeanImage(), PCA(components=3))
    for stage in stages(steps):
        changed = switched(steps, stage)
        if stage.is_on:
            assert changed == tuple(step for step in steps if step is not stage.step)
        else:
            assert len(changed) == 3
            again = next(each for each in stages(changed) if each.step == stage.step)
            assert switched(changed, again) == steps


def test_a_switched_on_step_comes_where_it_was_seen():
    turn = next(stage for stage in stages((MeanImage(), PCA(components=3))) if isinstance(stage.step, Turn))
    assert switched((MeanImage(), PCA(components=3)), turn) == (Turn(), MeanImage(), PCA(components=3))


def test_stages_learn_what_a_training_learns(owner):
    document = small_net(preprocessing=["MeanImage", {"kind": "PCA", "components": 9}, {"kind": "Whiten"}])
    settings = document.training.settings
    training, _ = divided(owner.dataset, settings)
    expected = fit_preparation(settings, owner.dataset, training).steps
    found = [stage for stage in owner.fit(settings.preprocessing, always) if stage.stage.is_on]
    for stage, step in zip(found, expected, strict=True):
        assert stage.fitted.step == step.step
        for name, array in step.arrays.items():
            if name == "matrix":  # whitening what PCA left nothing in blows rounding up
                continue
            np.testing.assert_allclose(stage.fitted.arrays[name], array, atol=1e-5, err_msg=name)


def test_whitening_from_the_spectrum_is_whitening(owner):
    (stage,) = [each for each in owner.fit((Whiten(method="zca", epsilon=0.01),), always) if each.stage.is_on]
    settings = small_net(preprocessing=[{"kind": "Whiten", "method": "zca", "epsilon": 0.01}]).training.settings
    expected = fit_preparation(settings, owner.dataset, owner.samples).steps[0]
    np.testing.assert_allclose(stage.fitted.arrays["matrix"], expected.arrays["matrix"], atol=1e-4)


def test_pca_that_is_off_keeps_95_percent(owner):
    pca = fitted(owner)["PCA"]
    n = n_keeping(owner.spectrum((), always).variances, 0.95)
    assert pca.stage.step == PCA(components=n)
    assert pca.fitted.arrays["components"].shape == (n, 64)


def test_few_features_have_fewer_components_than_it_would_begin_with():
    data = rows()
    found = fitted(Stages(data, np.arange(12), (4,)))
    assert found["PCA"].stage.step.components <= 4
    assert found["Turn"].refusal == "Turn needs images, but the network's Input takes 4 features."
    assert found["Turn"].fitted is None


def test_nothing_follows_a_step_that_cannot_be_applied(owner):
    found = list(owner.fit((PCA(components=65), MeanImage()), always))
    assert found[-1].refusal == "PCA keeps 65 components, but a sample has only 64 values."


def test_it_is_given_up_within_a_block():
    data = some_digits(300)
    asked = []

    def until_asked_twice():
        asked.append(1)
        return len(asked) < 3

    with pytest.raises(GivenUpError):
        list(Stages(data, np.arange(300), (8, 8, 1)).fit((), until_asked_twice))
    assert len(asked) == 3


def test_nothing_is_fitted_twice(owner, monkeypatch):
    first = fitted(owner, MeanImage(), PCA(components=5))
    monkeypatch.setattr(Stages, "_fit", lambda *_: pytest.fail("it was fitted before"))
    assert fitted(owner, MeanImage(), PCA(components=5))["PCA"].fitted is first["PCA"].fitted
    another = next(
        each for each in owner.fit((MeanImage(), PCA(components=6)), always) if isinstance(each.stage.step, PCA)
    )
    assert another.fitted.arrays["components"].shape == (6, 64)  # of the spectrum that is known


def test_the_spectra_used_last_are_kept(owner):
    before = (MeanImage(),)
    used, _ = owner.spectrum(before, always), owner.spectrum((Invert(),), always)
    assert owner.spectrum(before, always) is used
    owner.spectrum((Standardize(),), always)
    assert owner.spectrum(before, always) is used


def test_samples_are_fitted_to_the_input():
    data = some_digits(5)
    assert sample_of(data, 3, (28, 28, 3)).shape == (1, 28, 28, 3)
    np.testing.assert_array_equal(sample_of(data, 3, (8, 8, 1)), data.pixels(slice(3, 4)))
